# SPDX-License-Identifier: BSD-2-Clause
"""Hindi's shift tables (3GPP TS 23.038 annex A.2.3 and A.3.3), taken from another source than the tables
of src/codec, so that the two check each other. One code point for each septet, - where none stands."""

_LOCKING = """
    901 902 903 905 906 907 908 909 90A 90B 00A 90C 90D 00D 90E 90F
    910 911 912 913 914 915 916 917 918 919 91A - 91B 91C 91D 91E
    020 021 91F 920 921 922 923 924 029 028 925 926 02C 927 02E 928
    030 031 032 033 034 035 036 037 038 039 03A 03B 929 92A 92B 03F
    92C 92D 92E 92F 930 931 932 933 934 935 936 937 938 939 93C 93D
    93E 93F 940 941 942 943 944 945 946 947 948 949 94A 94B 94C 94D
    950 061 062 063 064 065 066 067 068 069 06A 06B 06C 06D 06E 06F
    070 071 072 073 074 075 076 077 078 079 07A 972 97B 97C 97E 97F"""
_SINGLE = """
    040 0A3 024 0A5 0BF 022 0A4 025 026 027 00C 02A 02B - 02D 02F
    03C 03D 03E 0A1 05E 0A1 05F 023 02A 964 965 - 966 967 968 969
    96A 96B 96C 96D 96E 96F 951 952 07B 07D 953 954 958 959 95A 05C
    95B 95C 95D 95E 95F 960 961 962 963 970 971 - 05B 07E 05D -
    07C 041 042 043 044 045 046 047 048 049 04A 04B 04C 04D 04E 04F
    050 051 052 053 054 055 056 057 058 059 05A - - - - -
    - - - - - 20AC - - - - - - - - - -
    - - - - - - - - - - - - - - - -"""


def _table(rows):
    return {i: chr(int(cp, 16)) for i, cp in enumerate(rows.split()) if cp != "-"}


LOCKING, SINGLE = _table(_LOCKING), _table(_SINGLE)
_TO = {c: bytes([0x1B, i]) for i, c in reversed(SINGLE.items())}
_TO.update({c: bytes([i]) for i, c in LOCKING.items()})


def encode(text):
    """Septets, one an octet, behind both shifts."""
    return b"".join(_TO[c] for c in text)


def decode(septets):
    out, escaped = [], False
    for o in septets:
        if o != 0x1B:
            out.append((SINGLE if escaped else LOCKING)[o])
        escaped = o == 0x1B
    return "".join(out)
