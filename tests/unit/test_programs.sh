#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Every program answers -h, --help, -V and --version on stdout with status 0, whatever else it needs to run; the help
# and the manual page name all four.
set -eu
build=${DK_BUILDDIR:-.}
docs=${DK_SRCDIR:-$(cd "$(dirname "$0")/../.." && pwd)}/docs
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
bad=0

fail() {
	echo "FAIL $*"
	bad=1
}

# answers PROGRAM ARGUMENT ...: what it prints is in $tmp/out.
answers() {
	"$build/$1" "$2" ${3+"$3"} >"$tmp/out" 2>"$tmp/err" </dev/null || fail "$*: status $?"
	if [ ! -s "$tmp/out" ] || [ -s "$tmp/err" ]; then
		fail "$*: its answer is not on stdout"
	fi
}

for program in dakiyad dakiyactl dakiya-backend dakiya-sim dakiya-load; do
	version=
	for option in -V --version; do
		answers "$program" "$option"
		grep -qxE "$program [0-9.]+" "$tmp/out" || fail "$program $option: $(cat "$tmp/out")"
		version=${version:-$(cat "$tmp/out")}
		[ "$version" = "$(cat "$tmp/out")" ] || fail "$program: two versions"
	done
	for option in -h --help; do
		answers "$program" "$option"
		for name in -h --help -V --version; do
			grep -qE -e "(^|[ ,])$name([ ,]|\$)" "$tmp/out" || fail "$program $option does not name $name"
		done
	done
	page=
	for section in 1 8; do
		[ -f "$docs/$program.$section" ] && page=$docs/$program.$section
	done
	[ "$program" = dakiya-load ] || [ "$page" ] || fail "$program has no manual page"
	for name in '\\-h' '\\-\\-help' '\\-V' '\\-\\-version'; do
		[ -z "$page" ] || grep -q -e "$name" "$page" || fail "$page does not name $name"
	done
done
for command in smsc phone play tell freeport; do
	for option in -h --help; do
		answers dakiya-sim $command $option
	done
done
for command in text try; do
	for option in -h --help; do
		answers dakiyactl $command $option
	done
done
[ $bad = 0 ] && echo "every program tells its version and what it can do"
exit $bad
