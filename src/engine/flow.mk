# turn, lanes, retry, breaker
