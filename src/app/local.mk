sbin_PROGRAMS += dakiyad
dakiyad_SOURCES = src/main.c
