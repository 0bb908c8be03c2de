#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# dakiyactl text: what it says of a text, and that docs/text.md says the same of capacities.
# shellcheck disable=SC1112 # curly quotes are what is tested
set -eu
ctl=${DK_BUILDDIR:-.}/dakiyactl
doc=${DK_SRCDIR:-$(cd "$(dirname "$0")/../.." && pwd)}/docs/text.md
bad=0

fail() {
	echo "FAIL $*"
	bad=1
}

# says STATUS PATTERN ARGUMENT ...: the output has a line that matches (extended regular expression).
says() {
	status=$1 want=$2
	shift 2
	got=0
	out=$("$ctl" text "$@" 2>&1) || got=$?
	[ "$got" = "$status" ] || fail "exit $got, not $status: $*"
	printf '%s\n' "$out" | grep -qE -e "$want" || fail "no line like '$want': $* gives
$out"
}

# holds ARGUMENT ...: the two capacities as the document writes them.
holds() {
	"$ctl" text "$@" | sed -n 's/.*one segment holds \([0-9]*\), each of several \([0-9]*\)$/\1, \2/p'
}

hindi=$(printf 'न%.0s' $(seq 71))
for how in udh8 udh16 sar payload; do
	shift_tables='not used'
	case $how in udh*) shift_tables=$(holds --long-messages $how --national-shift hindi "$hindi") ;; esac
	row="| $how | $(holds --long-messages $how a) | $(holds --long-messages $how न) | $shift_tables |"
	grep -qxF "$row" "$doc" || fail "docs/text.md does not say: $row"
done

says 0 '^alphabet   GSM-7, data_coding 0$' hello
says 0 '^units      5 septets; ' hello
says 0 '^segments   1$' hello
says 0 '^  1  +5 septets  hello$' hello
says 0 '^alphabet   UCS-2, data_coding 8$' 'नमस्ते'
says 0 '^segments   2, joined by an 8-bit reference' "$hindi"
says 0 '^  2  +4 units ' "$hindi"
says 0 '^shorter    by 1 unit: 1 segment$' "$hindi"
says 0 '^shorter    by 2 septets: 2 segments$' "$(printf 'a%.0s' $(seq 308))"
says 0 '^  hindi shift tables +71 septets, 1 segment: saves 1$' "$hindi"
says 0 '^  UCS-2 +71 units, 2 segments \(this one\)$' "$hindi"
says 0 '^  GSM-7 +lacks U\+0928$' "$hindi"
says 0 '^alphabet   hindi shift tables, data_coding 0$' --national-shift hindi "$hindi"
says 0 '^segments   1$' --national-shift all "$hindi"
says 0 'U\+2019, 1 time, by "'"'"'": GSM-7, 9 septets, 1 segment: leaves UCS-2$' 'It’s free'
says 0 '^  all of them: GSM-7, 11 septets' '“It’s” free'
says 0 'U\+2019, 1 time, by "'"'"'": saves nothing' 'न’'
says 0 "^smart text It's free\$" --smart-text 'It’s free'
says 0 '^alphabet   GSM-7' --smart-text 'It’s free'
says 0 '^alphabet   UCS-2' --alphabet-out ucs2 hello
says 0 '^alphabet   Latin-1, data_coding 0' --alphabet-out latin1 é
says 0 'sent whole in message_payload' --long-messages payload "$hindi"
says 1 'more than 8: such a message is not sent' "$(printf 'a%.0s' $(seq 1225))"
says 2 'there is no option --colour' --colour red hello
says 2 '--long-messages cannot be maybe' --long-messages maybe hello
says 2 '--national-shift cannot be klingon' --national-shift klingon hello
says 2 '--link needs -c' --link x hello
says 2 'which text' --smart-text
says 2 'one text, in quotes' two texts
says 2 'needs a value' --link
says 0 '^  1  +3 septets  -x\\n$' -- '-x
'

tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
printf '%s\n' 'links:' '  - {name: a, host: h, system_id: s}' \
	'  - {name: b, host: h, system_id: s, national_shift: [hindi], long_messages: udh16}' >"$tmp/c.yaml"
says 0 '^alphabet   UCS-2' -c "$tmp/c.yaml" "$hindi"
says 0 '^units .* 152, each of several 145$' -c "$tmp/c.yaml" --link b "$hindi"
says 1 'there is no link c' -c "$tmp/c.yaml" --link c "$hindi"
says 1 'No such file' -c "$tmp/none.yaml" "$hindi"
printf '%s\n' 'from stdin' | "$ctl" text - | grep -qE '^  1  +10 septets  from stdin$' || fail 'stdin'
"$ctl" help text | grep -q '^usage: dakiyactl text' || fail 'help text'
"$ctl" -h | grep -q '^  text ' || fail '-h'
"$ctl" nonsense 2>/dev/null && fail 'an unknown command is no success'
exit $bad
