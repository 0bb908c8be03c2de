#!/bin/sh
# The backend's API tests as part of make check; skipped without Python.
command -v python3 >/dev/null 2>&1 || { echo "python3 is missing"; exit 77; }
exec python3 -B "$DK_SRCDIR/tests/integration/run.py" "the backend:" test_backend_services
