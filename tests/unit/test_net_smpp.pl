#!/usr/bin/perl
# SPDX-License-Identifier: BSD-2-Clause
# Net::SMPP reads every PDU of ours as we meant it, and we read every PDU of its as it was meant.
use strict;
use warnings;
use IO::Socket;
use IPC::Open2;
use Symbol;

eval { require Net::SMPP; 1 } or do {
	print "SKIP: Net::SMPP is not there (Debian: libnet-smpp-perl)\n";
	exit 77;
};
my $speak = ($ENV{DK_BUILDDIR} // '.') . '/tests/unit/smpp_speak';
$SIG{__WARN__} = sub { warn @_ unless $_[0] =~ /^Unknown tag/ };    # a vendor's: kept under its number

my ($here, $there) = IO::Socket->socketpair(AF_UNIX, SOCK_STREAM, PF_UNSPEC) or die "socketpair: $!";
my $peer = bless gensym, 'Net::SMPP';
open $peer, '+<&', $here or die "dup: $!";
my $default = Net::SMPP::Default();
${*$peer}{$_} = $default->{$_} for keys %$default;
my $known = Net::SMPP::param_tab();

my $bad = 0;
sub same {
	my ($what, $got, $want) = @_;
	return if defined $got && $got eq $want;
	$got //= 'nothing';
	print "FAIL $what: ", unpack('H*', $got), " instead of ", unpack('H*', $want), "\n";
	$bad++;
}

# Our line of a PDU: its name, and name => value as octets or a number.
sub fields {
	my ($line) = @_;
	my ($command) = $line =~ /^(\w+) id=0x\w+ seq=\d+ status=0x\w+/ or die "what is $line";
	my %f;
	while ($line =~ / (\w+)=("(?:[^"\\]|\\.)*"|\S*)/g) {
		my ($name, $value) = ($1, $2);
		if ($value =~ s/^"(.*)"$/$1/) { $value =~ s/\\x(..)|\\(.)/defined $1 ? chr hex $1 : $2/ge }
		elsif ($name =~ /^tlv_|^short_message$/) { $value = pack 'H*', $value }
		elsif ($name eq 'status' || $name eq 'id') { $value = hex $value }
		$f{$name} = $name eq 'password' ? 'secret08' : $value;    # we print none
	}
	delete $f{sm_length};
	return ($command, %f);
}

my $pid = open2(my $from, my $to, $speak) or die "$speak: $!";
my @samples;
while (<$from>) {
	chomp;
	last if $_ eq '';
	push @samples, $_;
}
for (@samples) {
	my ($hex, $line) = split /\t/;
	my ($command, %f) = fields($line);

	# ours, read by theirs
	syswrite $there, pack 'H*', $hex;
	my $pdu = $peer->read_pdu;
	same("$command: command", $pdu->explain_cmd, $command);
	same("$command: command_id", $pdu->cmd, delete $f{id});
	for my $name (sort keys %f) {
		my $key = $name =~ /^tlv_0x(\w+)$/ ? hex $1 : $name;
		# where an error is the header alone there is no field
		same("$command: $name as they read it", $pdu->{$key}, $f{$name}) unless $f{status} && $name !~ /^s(eq|tatus)$/;
	}

	# theirs, read by ours
	my @tlvs;
	for my $name (sort grep { /^tlv_/ } keys %f) {
		my $tag = hex substr $name, 6;
		my $value = delete $f{$name};
		push @tlvs, $tag < 0x1400 && $known->{$tag}
			? ($known->{$tag}{name}, $value)
			: ($tag, ord $value);
	}
	my $is_answer = $command =~ /_resp$|^generic_nack$/;
	$peer->$command(async => 1, (map { $_ => $f{$_} } grep { $is_answer || $_ ne 'status' } keys %f), @tlvs);
	sysread $there, my $octets, 4096;
	print $to unpack('H*', $octets), "\n";
	my $read = <$from>;
	chomp $read;
	$line =~ s/ message_id=""// && $read =~ s/ message_id=""// if $f{status};
	# TLVs come in the order of their tags
	for ($line, $read) {
		my @t = sort / (tlv_\S+)/g;
		s/ tlv_\S+//g;
		$_ = join ' ', $_, @t;
	}
	same("$command: as we read theirs", $read, $line);
}
close $to;
waitpid $pid, 0;
$bad++ if $? != 0 || @samples < 25;
printf "%d PDUs, %d differ\n", scalar @samples, $bad;
exit($bad != 0);
