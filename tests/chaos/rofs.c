/* SPDX-License-Identifier: BSD-2-Clause */
/* rofs.c - put before redis-server by LD_PRELOAD: while the file named by ROFS exists, the disk is read-only,
 * also for files that are open already, as after an error of the disk. (A mount cannot be turned read-only
 * under a server that writes, and takes rights that a container has not.) */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

static int is_read_only(void)
{
	const char *flag = getenv("ROFS");
	int saved = errno, is = flag && access(flag, F_OK) == 0;

	errno = is ? EROFS : saved;
	return is;
}

ssize_t write(int fd, const void *p, size_t n)
{
	struct stat st;

	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && fd > 2 && is_read_only())
		return -1;
	return REAL(write)(fd, p, n);
}

int open64(const char *path, int flags, ...)
{
	va_list ap;
	mode_t mode;

	va_start(ap, flags);
	mode = flags & O_CREAT ? va_arg(ap, mode_t) : 0;
	va_end(ap);
	if ((flags & O_ACCMODE) != O_RDONLY && strncmp(path, "/dev/", 5) != 0 && is_read_only())
		return -1;
	return REAL(open64)(path, flags, mode);
}

FILE *fopen64(const char *path, const char *mode)
{
	return mode[0] != 'r' && is_read_only() ? NULL : REAL(fopen64)(path, mode);
}

int rename(const char *from, const char *to)
{
	return is_read_only() ? -1 : REAL(rename)(from, to);
}

int unlink(const char *path)
{
	return is_read_only() ? -1 : REAL(unlink)(path);
}
