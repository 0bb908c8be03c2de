/* SPDX-License-Identifier: BSD-2-Clause */
/* redis_sync.c - see redis_sync.h. */
#include "store/redis_sync.h"

#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define OLD_FILE "appendonly.aof" /* of Redis before 7 */
#define FOLDER "appendonlydir" /* of Redis 7, below its own */
#define SUFFIX ".incr.aof" /* base files are synced by Redis when it has written them */

struct redis_sync {
	pthread_t thread;
	pthread_mutex_t lock; /* of what follows */
	pthread_cond_t wake;
	bool is_over;
	uint64_t rounds;
	char *dir; /* owned; read only */
};

/* 1, or 0 when there is no such file: rewritten meanwhile, say. */
static size_t sync_file(int dir, const char *name)
{
	int fd = openat(dir, name, O_RDONLY | O_CLOEXEC);
	size_t done;

	if (fd < 0)
		return 0;
	done = fdatasync(fd) == 0;
	close(fd);
	return done;
}

size_t redis_sync_once(const char *dir)
{
	char *folder = xasprintf("%s/" FOLDER, dir), *old = xasprintf("%s/" OLD_FILE, dir);
	DIR *d = opendir(folder);
	const struct dirent *e;
	size_t done = sync_file(AT_FDCWD, old);

	free(folder);
	free(old);
	while (d && (e = readdir(d)) != NULL) {
		size_t n = strlen(e->d_name);

		if (n >= sizeof(SUFFIX) && strcmp(e->d_name + n - (sizeof(SUFFIX) - 1), SUFFIX) == 0)
			done += sync_file(dirfd(d), e->d_name);
	}
	if (d)
		closedir(d);
	return done;
}

static void *run(void *arg)
{
	struct redis_sync *s = arg;
	struct timespec at;

	clock_gettime(CLOCK_MONOTONIC, &at);
	pthread_mutex_lock(&s->lock);
	while (!s->is_over) {
		at.tv_sec++;
		while (!s->is_over && pthread_cond_timedwait(&s->wake, &s->lock, &at) == 0)
			;
		if (s->is_over)
			break;
		pthread_mutex_unlock(&s->lock);
		(void)redis_sync_once(s->dir);
		clock_gettime(CLOCK_MONOTONIC, &at);
		pthread_mutex_lock(&s->lock);
		s->rounds++;
	}
	pthread_mutex_unlock(&s->lock);
	return NULL;
}

struct redis_sync *redis_sync_new(const char *dir)
{
	struct redis_sync *s = xcalloc(1, sizeof(*s));
	pthread_condattr_t monotonic;
	sigset_t all, before;
	int rc;

	s->dir = xstrdup(dir);
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_mutex_init(&s->lock, NULL);
	pthread_cond_init(&s->wake, &monotonic);
	pthread_condattr_destroy(&monotonic);
	sigfillset(&all); /* signals are for the loop */
	pthread_sigmask(SIG_SETMASK, &all, &before);
	rc = pthread_create(&s->thread, NULL, run, s);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (rc == 0)
		return s;
	s->is_over = true;
	redis_sync_free(s);
	return NULL;
}

uint64_t redis_sync_rounds(struct redis_sync *s)
{
	uint64_t n;

	pthread_mutex_lock(&s->lock);
	n = s->rounds;
	pthread_mutex_unlock(&s->lock);
	return n;
}

void redis_sync_free(struct redis_sync *s)
{
	bool runs;

	if (!s)
		return;
	pthread_mutex_lock(&s->lock);
	runs = !s->is_over;
	s->is_over = true;
	pthread_cond_signal(&s->wake);
	pthread_mutex_unlock(&s->lock);
	if (runs)
		pthread_join(s->thread, NULL);
	pthread_cond_destroy(&s->wake);
	pthread_mutex_destroy(&s->lock);
	free(s->dir);
	free(s);
}
