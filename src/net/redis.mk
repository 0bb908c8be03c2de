# redis_conn
