/* SPDX-License-Identifier: BSD-2-Clause */
/* redis_embed.c - a private redis-server for `redis: embedded`.
 *
 * Never two servers on one append-only file: dir/redis.lock is flock()ed before a server starts,
 * and the server inherits the descriptor, so the lock lives exactly as long as the server (and as
 * a child of its own that still writes a file). A dakiyad that starts after a kill -9 finds either
 * the lock taken, and then a server to use, or the lock free, and then starts one.
 *
 * One timer looks after both cases: is our server still there, or is the lock free by now. It
 * waits for our own child only, never for others'. */
#include "config.h"

#include <errno.h>
#include <event2/event.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "store/redis_sync.h"
#include "store/store.h"

#define LOOK_MS 100u /* how often the timer looks */
#define RESTART_MIN_MS 100u
#define RESTART_MAX_MS 10000u
#define STEADY_MS 10000u /* a server that lived so long starts again at once when it dies */
#define END_MS 5000u /* for SIGTERM to work before SIGKILL */
#define LOG_MAX_OCTETS (1 << 20) /* of redis.log at our start; else it begins anew */
#define LOCK_FD 3 /* in the server */

struct redis_embed {
	struct event_base *base;
	struct event *timer;
	char *dir, *socket, *address, *appendfsync, *program; /* owned */
	pid_t pid; /* -1: none of ours */
	struct redis_sync *sync; /* NULL: none is needed */
	uint64_t started_ms, restart_at_ms, restart_ms;
	bool told_foreign, is_everysec;
};

static bool fail(char *err, size_t cap, const char *what, const char *path)
{
	if (cap > 0)
		snprintf(err, cap, "%s %s: %s", what, path, strerror(errno));
	return false;
}

/* DAKIYA_REDIS_SERVER, else the one configure found, else the first in PATH. */
static char *find_program(void)
{
	const char *named = getenv("DAKIYA_REDIS_SERVER"), *path = getenv("PATH");

	if (named != NULL && *named != '\0')
		return access(named, X_OK) == 0 ? xstrdup(named) : NULL;
	if (access(REDIS_SERVER, X_OK) == 0)
		return xstrdup(REDIS_SERVER);
	while (path != NULL && *path != '\0') {
		size_t n = strcspn(path, ":");
		char *p = xasprintf("%.*s/redis-server", (int)n, path);

		if (n > 0 && access(p, X_OK) == 0)
			return p;
		free(p);
		path += n + (path[n] == ':');
	}
	return NULL;
}

/* The lock's descriptor, or -1 when somebody has it (errno EWOULDBLOCK) or it cannot be made. */
static int take_lock(const struct redis_embed *e)
{
	char *path = xasprintf("%s/redis.lock", e->dir);
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

	free(path);
	if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) != 0) {
		int saved = errno;

		close(fd);
		errno = saved;
		fd = -1;
	}
	return fd;
}

static int open_log(const struct redis_embed *e)
{
	char *path = xasprintf("%s/redis.log", e->dir);
	int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	struct stat st;

	free(path);
	if (fd >= 0 && fstat(fd, &st) == 0 && st.st_size > LOG_MAX_OCTETS && ftruncate(fd, 0) != 0)
		LOG(NULL, LOG_DEBUG, "redis.log not cut", "errno=%d", errno);
	return fd;
}

/* In the child, between fork and exec: only calls that are safe there. */
static void become_server(const char *const argv[], int lock, int log, pid_t parent)
{
	struct sigaction dfl = {.sa_handler = SIG_DFL};
	sigset_t none;
	int null = open("/dev/null", O_RDWR);

	sigemptyset(&none);
	for (int s = 1; s < NSIG; s++)
		(void)sigaction(s, &dfl, NULL);
	sigprocmask(SIG_SETMASK, &none, NULL);
	setpgid(0, 0); /* Ctrl-C is for us; the server ends after us */
	if (prctl(PR_SET_PDEATHSIG, SIGTERM) != 0 || getppid() != parent)
		_exit(127); /* the parent died before that could be asked for */
	/* All three end above LOCK_FD first, so that none is overwritten before it was copied. */
	lock = fcntl(lock, F_DUPFD, 10);
	log = fcntl(log >= 0 ? log : null, F_DUPFD, 10);
	if (lock < 0 || log < 0 || dup2(null, 0) < 0 || dup2(log, 1) < 0 || dup2(log, 2) < 0 ||
	    dup2(lock, LOCK_FD) < 0)
		_exit(127);
	close_range(LOCK_FD + 1, ~0u, 0);
	execv(argv[0], (char *const *)(uintptr_t)argv);
	_exit(127);
}

static bool start(struct redis_embed *e, int lock)
{
	const char *argv[] = {e->program, "--port", "0", "--unixsocket", e->socket, "--unixsocketperm",
	    "700", "--appendonly", "yes", "--appendfsync", e->is_everysec ? "no" : e->appendfsync,
	    "--dir", e->dir, "--save", "", "--databases", "1", "--daemonize", "no", "--logfile", "",
	    "--loglevel", "notice", NULL};
	int log = open_log(e);
	pid_t parent = getpid(), pid = fork();

	if (pid == 0)
		become_server(argv, lock, log, parent);
	if (log >= 0)
		close(log);
	if (pid < 0) {
		LOG(NULL, LOG_ERR, "redis-server not started", "errno=%d", errno);
		return false;
	}
	e->pid = pid;
	e->started_ms = clock_mono_ms();
	LOG(NULL, LOG_INFO, "redis-server started", "pid=%ld socket=%s appendfsync=%s", (long)pid,
	    e->socket, e->appendfsync);
	return true;
}

/* Start a server if the lock is free. */
static void start_if_free(struct redis_embed *e)
{
	int lock = take_lock(e);

	if (lock >= 0) {
		e->told_foreign = false;
		if (!start(e, lock))
			e->restart_at_ms = clock_mono_ms() + e->restart_ms;
		close(lock); /* the server has it now */
	} else if (errno == EWOULDBLOCK && !e->told_foreign) {
		e->told_foreign = true;
		LOG(NULL, LOG_INFO, "redis-server of another process is used", "socket=%s", e->socket);
	} else if (errno != EWOULDBLOCK) {
		LOG(NULL, LOG_ERR, "redis lock failed", "dir=%s errno=%d", e->dir, errno);
		e->restart_at_ms = clock_mono_ms() + RESTART_MAX_MS;
	}
}

static void log_exit(const struct redis_embed *e, int status, uint64_t lived_ms, enum log_level level)
{
	LOG(NULL, level, "redis-server ended", "pid=%ld %s=%d lived_ms=%llu log=%s/redis.log",
	    (long)e->pid, WIFSIGNALED(status) ? "signal" : "status",
	    WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status), (unsigned long long)lived_ms,
	    e->dir);
}

static void on_timer(evutil_socket_t fd, short what, void *arg)
{
	struct redis_embed *e = arg;
	uint64_t now = clock_mono_ms();
	int status;

	(void)fd, (void)what;
	if (e->pid > 0 && waitpid(e->pid, &status, WNOHANG) == e->pid) {
		uint64_t lived = now - e->started_ms;

		log_exit(e, status, lived, LOG_ERR);
		e->pid = -1;
		e->restart_ms = lived >= STEADY_MS ? RESTART_MIN_MS : e->restart_ms * 2;
		if (e->restart_ms > RESTART_MAX_MS)
			e->restart_ms = RESTART_MAX_MS;
		e->restart_at_ms = lived >= STEADY_MS ? now : now + e->restart_ms;
	}
	if (e->pid < 0 && now >= e->restart_at_ms)
		start_if_free(e);
}

static bool check(const struct redis_embed *e, char *err, size_t cap)
{
	struct sockaddr_un un;

	if (strlen(e->socket) >= sizeof un.sun_path) {
		snprintf(err, cap,
		    "the state directory's path is too long for a Unix socket: %s has %zu octets, "
		    "the system allows %zu",
		    e->socket, strlen(e->socket), sizeof un.sun_path - 1);
		return false;
	}
	if (e->program == NULL) {
		const char *named = getenv("DAKIYA_REDIS_SERVER");

		snprintf(err, cap,
		    "redis-server was not found (%s); install it (Debian: redis-server) "
		    "or give the address of a running one under `redis:`",
		    named != NULL && *named != '\0' ? named : REDIS_SERVER);
		return false;
	}
	if (strcmp(e->appendfsync, "always") != 0 && strcmp(e->appendfsync, "everysec") != 0 &&
	    strcmp(e->appendfsync, "no") != 0) {
		snprintf(err, cap, "appendfsync must be always, everysec or no, not %s",
		    e->appendfsync);
		return false;
	}
	if (mkdir(e->dir, 0700) != 0 && errno != EEXIST)
		return fail(err, cap, "cannot make the state directory", e->dir);
	if (access(e->dir, R_OK | W_OK | X_OK) != 0)
		return fail(err, cap, "cannot write in the state directory", e->dir);
	return true;
}

struct redis_embed *redis_embed_new(struct event_base *base, const char *dir, const char *appendfsync,
    char *err, size_t err_cap)
{
	struct redis_embed *e = xcalloc(1, sizeof *e);
	struct timeval tv = {.tv_usec = LOOK_MS * 1000};
	char *absolute;

	e->base = base;
	e->pid = -1;
	e->restart_ms = RESTART_MIN_MS;
	/* redis-server changes into its directory, so the paths must be absolute. */
	absolute = realpath(dir, NULL);
	if (absolute == NULL && dir[0] != '/') {
		char *here = getcwd(NULL, 0);

		absolute = xasprintf("%s/%s", here != NULL ? here : ".", dir);
		free(here);
	}
	e->dir = absolute != NULL ? absolute : xstrdup(dir);
	e->socket = xasprintf("%s/redis.sock", e->dir);
	e->address = xasprintf("unix:%s", e->socket);
	e->appendfsync = xstrdup(appendfsync != NULL ? appendfsync : "everysec");
	e->program = find_program();
	if (!check(e, err, err_cap)) {
		redis_embed_free(e);
		return NULL;
	}
	e->is_everysec = strcmp(e->appendfsync, "everysec") == 0;
	if (e->is_everysec && !(e->sync = redis_sync_new(e->dir))) {
		snprintf(err, err_cap, "no thread for the sync of the append-only file");
		redis_embed_free(e);
		return NULL;
	}
	start_if_free(e);
	e->timer = event_new(base, -1, EV_PERSIST, on_timer, e);
	if (e->timer == NULL)
		abort();
	event_add(e->timer, &tv);
	return e;
}

const char *redis_embed_address(const struct redis_embed *e)
{
	return e->address;
}

long redis_embed_pid(const struct redis_embed *e)
{
	return e->pid;
}

static void end_server(struct redis_embed *e)
{
	uint64_t begun = clock_mono_ms();
	bool killed = false;
	int status = 0;

	(void)kill(e->pid, SIGCONT); /* a stopped one would not see the next */
	(void)kill(e->pid, SIGTERM);
	while (waitpid(e->pid, &status, WNOHANG) == 0) {
		if (!killed && clock_mono_ms() - begun > END_MS) {
			LOG(NULL, LOG_WARN, "redis-server does not end", "pid=%ld", (long)e->pid);
			(void)kill(e->pid, SIGKILL);
			killed = true;
		}
		nanosleep(&(struct timespec){.tv_nsec = 5000000}, NULL);
	}
	log_exit(e, status, clock_mono_ms() - e->started_ms, LOG_INFO);
	e->pid = -1;
}

void redis_embed_free(struct redis_embed *e)
{
	if (e == NULL)
		return;
	if (e->timer != NULL)
		event_free(e->timer);
	if (e->pid > 0)
		end_server(e);
	redis_sync_free(e->sync);
	free(e->dir);
	free(e->socket);
	free(e->address);
	free(e->appendfsync);
	free(e->program);
	free(e);
}
