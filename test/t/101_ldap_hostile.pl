# userdir_ldap against servers that mean no good or are broken: silence, nonsense, floods, lies. None
# of them may crash a backend, hold it longer than it was told, or see more than it should.
use strict;
use warnings;
use IPC::Run ();
use JSON::PP;
use LdapTest;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(time sleep);
use UserdirTest;

my $node = new_server('ldap_hostile');
if (!have_module($node))
{
	$node->stop;
	plan skip_all => 'userdir_ldap was not built';
}
$node->safe_psql('postgres', 'CREATE EXTENSION userdir; CREATE EXTENSION userdir_ldap');

my $json = JSON::PP->new->canonical->utf8;
my $marker = 'Marker-Boat-77';
my $postmaster = $node->safe_psql('postgres', 'SELECT pg_postmaster_start_time()');
my $id = [ 'entryUUID', 'id-1' ];

# reading takes one request off a connection and returns its tag and number; nothing at its end.
sub reading
{
	my ($connection) = @_;
	my $take = sub { my $got = ''; while (length $got < $_[0]) { sysread($connection, $got, $_[0] - length $got, length $got) or die 'closed' } return $got };
	my (undef, $length) = unpack 'CC', $take->(2);
	$length = unpack 'N', "\0" x (4 - ($length & 127)) . $take->($length & 127) if $length > 127;
	my $message = $take->($length);
	my ($number, $tag) = (ord substr($message, 2, 1), ord substr($message, 2 + ord(substr $message, 1, 1), 1));
	return ($tag, $number, $message);
}

# answering returns a server that answers requests by what the given functions make of their number:
# bind, search, extended; a bind succeeds and a search finds jane without one.
sub answering
{
	my (%by) = @_;
	return sub {
		my ($connection) = @_;
		$connection->autoflush(1);
		while (1)
		{
			my ($tag, $number, $message) = reading($connection);
			my $answer = $tag == 0x60 ? ($by{bind} || sub { result_message($_[0], 0x61, 0) })
			  : $tag == 0x63 ? ($by{search} || sub { entry_message($_[0], 'uid=jane', $id) . search_done($_[0]) })
			  : $tag == 0x77 ? $by{extended}
			  :                return;
			my $bytes = $answer->($number, $message, $connection);
			return unless defined $bytes;
			print $connection $bytes;
		}
	};
}

# ask calls a function with a fake server's URL and returns what it answers and how long it took.
sub ask
{
	my ($fake, %options) = @_;
	my $url = $options{tls} ? $fake->{url} =~ s/^ldap:/ldaps:/r : $fake->{url};
	my %server = (url => $url, base_dn => 'dc=x', connect_timeout => 1, timeout => 1, total_timeout => 3, %{ $options{server} || {} });
	my $call = $options{call} || 'userdir.ldap_login($1, $2, $3)';
	my $password = $options{password} // $marker;
	my $sql = ($options{before} // '') . " SELECT $call;";
	my $text = $json->encode(\%server);
	$sql =~ s/\$1/'$text'/;
	$sql =~ s/\$2/'jane'/;
	$sql =~ s/\$3/'$password'/;
	my $start = time;
	my ($status, $out, $err) = $node->psql('postgres', "\\set VERBOSITY verbose\n$sql");
	my $took = time - $start;
	return ($status == 0 ? $out : $err =~ /ERROR:\s+(.*?)\nLOCATION/s ? $1 : $err, $took);
}

# judges starts a server, asks it, and wants a certain answer within so many seconds.
sub judges
{
	my ($name, $serve, $wanted, $seconds, %options) = @_;
	my $fake = start_fake($serve);
	my ($answer, $took) = ask($fake, %options);
	stop_fake($fake);
	like($answer, $wanted, $name);
	cmp_ok($took, '<', $seconds, "$name: in time") if $seconds;
	return;
}

judges('an honest one', answering(), qr/^\{"user_id": "id-1"\}$/, 2);

# 1. Silence
my $silent = sub { sleep 30 };
my $late = qr/^UD068: .*it did not answer in time/s;
judges('nothing at all', $silent, $late, 2.5);
judges('nothing after the bind', answering(search => sub { sleep 30; undef }), $late, 2.5);
judges('half an answer', answering(search => sub { my ($n, undef, $c) = @_; print $c substr(entry_message($n, 'uid=jane', $id), 0, 9); sleep 30; undef }), $late, 2.5);
judges('a byte now and then', answering(search => sub { my ($n, undef, $c) = @_; for (split //, entry_message($n, 'uid=jane', [ 'cn', 'x' x 100 ])) { print $c $_; sleep 0.2 } undef }), $late, 2.5);
judges('entries without an end, each in time', answering(search => sub { my ($n, undef, $c) = @_; while (1) { print $c ber(0x30, ber(2, chr $n), ber(0x73, ber(4, 'ldap://x'))); sleep 0.3 } }), qr/^UD068: /, 2.5);
judges('a total that is shorter than its parts', answering(bind => sub { sleep 0.6; result_message($_[0], 0x61, 0) }, search => sub { sleep 0.6; entry_message($_[0], 'uid=jane', $id) . search_done($_[0]) }),
	$late, 2.5, server => { total_timeout => 1.3, timeout => 1 });
{
	my $fake = start_fake($silent);
	my ($answer, $took) = ask($fake, server => { url => $fake->{url} =~ s/ldap:/ldaps:/r, insecure => JSON::PP::true });
	like($answer, $late, 'no handshake of TLS');
	cmp_ok($took, '<', 2.5, 'no handshake of TLS: in time');
	($answer, $took) = ask($fake, server => { total_timeout => 300, timeout => 300 }, before => "SET statement_timeout = '500ms';");
	like($answer, qr/^57014: canceling statement due to statement timeout/, 'statement_timeout');
	cmp_ok($took, '<', 2, 'statement_timeout: in time');
	($answer, $took) = ask($fake, server => { url => $fake->{url} =~ s/ldap:/ldaps:/r, insecure => JSON::PP::true, total_timeout => 300, timeout => 300 }, before => "SET statement_timeout = '500ms';");
	like($answer, qr/^57014: canceling statement due to statement timeout/, 'statement_timeout during the handshake of TLS');
	cmp_ok($took, '<', 2, 'statement_timeout during the handshake of TLS: in time');
	stop_fake($fake);
}
judges('silence after StartTLS', answering(extended => sub { my ($n, undef, $c) = @_; print $c result_message($n, 0x78, 0); sleep 30; undef }), $late, 3.5, server => { start_tls => JSON::PP::true });

# A statement that waits is cancelled, and a backend that waits is terminated, at once.
for my $case ([ 'pg_cancel_backend', qr/canceling statement due to user request/ ], [ 'pg_terminate_backend', qr/terminating connection due to administrator command/ ])
{
	for my $scheme ('ldap', 'ldaps')
	{
		my ($function, $message) = @$case;
		my $fake = start_fake($silent);
		my $server = $json->encode({ url => $fake->{url} =~ s/ldap:/$scheme:/r, base_dn => 'dc=x', timeout => 60, total_timeout => 60 });
		my ($out, $err) = ('', '');
		my $waiting = IPC::Run::start([ 'psql', '-XAtq', '-d', $node->connstr('postgres'), '-c', "SELECT userdir.ldap_login('$server', 'jane', '$marker')" ], '<', \undef, '>', \$out, '2>', \$err);
		$node->poll_query_until('postgres', "SELECT count(*) = 1 FROM pg_stat_activity WHERE wait_event = 'Extension'") or die 'it does not wait';
		my $start = time;
		$node->safe_psql('postgres', "SELECT $function(pid) FROM pg_stat_activity WHERE wait_event = 'Extension'");
		$waiting->finish;
		like($err, $message, "$function, $scheme");
		cmp_ok(time - $start, '<', 1.5, "$function, $scheme: at once");
		stop_fake($fake);
	}
}

# Errors that are caught leave nothing open.
{
	my $fake = start_fake($silent);
	my $server = $json->encode({ url => $fake->{url}, base_dn => 'dc=x', timeout => 0.1 });
	my $session = $node->background_psql('postgres');
	my $pid = $session->query_safe('SELECT pg_backend_pid()');
	my $sockets = sub { return scalar grep { (readlink // '') =~ /socket|eventpoll/ } glob("/proc/$pid/fd/*") };
	my $loop = "DO \$\$ BEGIN FOR i IN 1 .. 20 LOOP BEGIN PERFORM userdir.ldap_login('$server', 'jane', 'x'); EXCEPTION WHEN SQLSTATE 'UD068' THEN NULL; END; END LOOP; END \$\$";
	my $before = $sockets->();
	$session->query_safe($loop);
	is($sockets->(), $before, 'caught errors leave no socket open');
	$session->quit;
	stop_fake($fake);
}

# 2. Nonsense
my $nonsense = qr/^UD068: the directory server (?:cannot be used|failed when asked|returned)/;
srand 7;
for my $case (
	[ 'bytes of HTTP', "HTTP/1.1 400 Bad Request\r\n\r\n" ], [ 'zeros', "\0" x 1000 ], [ 'ones', "\xff" x 1000 ], [ 'a length of 4 GB', "\x30\x84\xff\xff\xff\xff\x02\x01\x01" ],
	[ 'a length of 16 MB', "\x30\x84\x01\x00\x00\x00\x02\x01\x01" ], [ 'a length without an end', "\x30\x80\x02\x01\x01" ], [ 'a length of 127 bytes', "\x30\xff" . "\xff" x 127 ], [ 'an empty message', "\x30\x00" ],
	[ 'no number', ber(0x30, ber(0x61, ber(10, "\0"), ber(4, ''), ber(4, ''))) ], [ 'a negative number', ber(0x30, ber(2, "\xff"), ber(0x61, ber(10, "\0"), ber(4, ''), ber(4, ''))) ],
	[ 'the result of something else', result_message(1, 0x65, 0) ], [ 'a result without a code', ber(0x30, ber(2, "\1"), ber(0x61)) ], [ 'a negative code', ber(0x30, ber(2, "\1"), ber(0x61, ber(10, "\xff"), ber(4, ''), ber(4, ''))) ],
	[ 'a code of many bytes', ber(0x30, ber(2, "\1"), ber(0x61, ber(10, "\x7f" x 9), ber(4, ''), ber(4, ''))) ], [ 'nothing', '' ], [ 'a notice of disconnection', result_message(0, 0x78, 52) ])
{
	my ($name, $bytes) = @$case;
	judges("nonsense instead of a bind: $name", sub { my ($c) = @_; reading($c); $c->autoflush(1); print $c $bytes; sleep 0.3 }, $nonsense, 2.5);
	judges("nonsense instead of an entry: $name", answering(search => sub { my ($n, undef, $c) = @_; print $c $bytes; sleep 0.3; undef }), $nonsense, 2.5);
	next unless $name =~ /HTTP|zeros|GB|nothing/;
	judges("nonsense instead of TLS: $name", sub { my ($c) = @_; $c->autoflush(1); print $c $bytes; sleep 0.3 }, $nonsense, 2.5, tls => 1);
}
for my $round (1 .. 40)
{
	my $whole = entry_message(2, 'uid=jane,dc=x', $id, [ 'mail', 'jane@example.com', 'j@example.com' ], [ 'cn', 'Jane' ]) . search_done(2);
	substr($whole, int rand length $whole, 1, chr int rand 256) for 1 .. 1 + rand 4;
	my $fake = start_fake(answering(search => sub { my (undef, undef, $c) = @_; print $c $whole; undef }));
	my ($answer) = ask($fake, server => { timeout => 0.5 });
	stop_fake($fake);
	# Some of them still are entries.
	like($answer, qr/^(?:UD06\d: |\{"|$)/, "an entry with wrong bytes, $round") or diag(unpack 'H*', $whole);
}

# 3. Lies
my $entry = sub { my (@attributes) = @_; return answering(search => sub { entry_message($_[0], 'uid=jane', @attributes) . search_done($_[0]) }) };
my $with = sub { my (%attributes) = @_; return (server => { attributes => \%attributes }) };
judges('no name', answering(search => sub { entry_message($_[0], '', $id) . search_done($_[0]) }), qr/^UD068: the directory server returned an entry without a name/, 2.5);
judges('two entries', answering(search => sub { entry_message($_[0], 'uid=jane', $id) . entry_message($_[0], 'uid=joe', $id) . search_done($_[0]) }), qr/^UD069: more than one entry/, 2.5);
judges('a thousand entries', answering(search => sub { entry_message($_[0], 'uid=jane', $id) x 1000 . search_done($_[0]) }), qr/^UD069: more than one entry/, 2.5);
judges('no attributes', $entry->(), qr/^UD068: the entry has no attribute "entryUUID"/, 2.5);
judges('an id without values', $entry->([ 'entryUUID' ]), qr/^UD068: the entry has no attribute "entryUUID"/, 2.5);
judges('an empty id', $entry->([ 'entryUUID', '' ]), qr/^UD068: the entry has no attribute "entryUUID"/, 2.5);
judges('an id that is no text', $entry->([ 'entryUUID', "\xc3\x28" ]), qr/^UD068: attribute "entryUUID" of the entry is not text/, 2.5);
judges('an id with a NUL', $entry->([ 'entryUUID', "a\0b" ]), qr/^UD068: attribute "entryUUID" of the entry is not text/, 2.5);
judges('a name with a NUL', answering(search => sub { entry_message($_[0], "uid=jane\0,dc=x", $id) . search_done($_[0]) }), qr/^UD068: .*it sent an entry that is none/s, 2.5);
judges('values that nobody asked for', $entry->($id, [ 'userPassword', 'x' ], [ 'MAIL', 'j@example.com' ]), qr/^\{"email": "j\@example.com", "user_id": "id-1"\}$/, 2.5);
judges('a value of 900 kB', $entry->($id, [ 'cn', 'x' x 900_000 ]), qr/^\{"name": "x{60000}/, 2.5);
judges('a value of 2 MB', $entry->($id, [ 'cn', 'x' x 2_000_000 ]), $nonsense, 2.5);
judges('100,000 values', $entry->($id, [ 'cn', map { "v$_" } 1 .. 100_000 ]), qr/^\{"user_id": "id-1", "app_metadata": \{"all": \["v1", .*"v100000"\]\}\}$/, 5, $with->('app_metadata.all' => 'cn:list'));
judges('20,000 attributes', $entry->($id, map { [ "a$_", 'x' ] } 1 .. 20_000), qr/^\{"user_id": "id-1"\}$/, 5);
judges('references without an end', answering(search => sub { my ($n, undef, $c) = @_; print $c ber(0x30, ber(2, chr $n), ber(0x73, ber(4, 'x' x 60000))) while 1; undef }), qr/^UD068: .*it sent too much|^UD068: .*in time/s, 5, server => { timeout => 5, total_timeout => 5 });
judges('a part of a list', $entry->($id, [ 'memberOf;range=0-1', 'cn=a', 'cn=b' ]), qr/^UD068: attribute "memberOf" of the entry has more values than the server returns at once/, 2.5, $with->('app_metadata.groups' => 'memberOf:rdn'));
judges('a group that is no name', $entry->($id, [ 'memberOf', 'nonsense' ]), qr/^UD068: attribute "memberOf" of the entry is no distinguished name/, 2.5, $with->('app_metadata.groups' => 'memberOf:rdn'));
judges('a group whose bytes are no text', $entry->($id, [ 'memberOf', 'cn=\\ff\\fe,dc=x' ]), qr/^UD068: attribute "memberOf" of the entry is not text/, 2.5, $with->('app_metadata.groups' => 'memberOf:rdn'));
judges('a time that is none', $entry->($id, [ 'whenCreated', '20231301000000Z' ]), qr/^UD068: attribute "whenCreated" of the entry is no point in time/, 2.5, $with->('app_metadata.t' => 'whenCreated'));
judges('flags that are no number', $entry->([ 'objectGUID', 'x' x 16 ], [ 'userAccountControl', 'x' ]), qr/^UD068: attribute "userAccountControl" of the entry is no whole number/, 2.5, server => { directory => 'active_directory' });
judges('StartTLS is refused, and nothing goes on in the clear', answering(extended => sub { result_message($_[0], 0x78, 2) }, bind => sub { die }), qr/^UD068: .*it refuses StartTLS: Protocol error/s, 2.5, server => { start_tls => JSON::PP::true });
judges('what is said before encryption counts for nothing', answering(extended => sub { result_message($_[0], 0x78, 0) . result_message(2, 0x61, 0) . entry_message(3, 'uid=jane', $id) . search_done(3) }), qr/^UD068: .*TLS: /s, 3.5, server => { start_tls => JSON::PP::true });

# 4. Refusals of every kind. The first bind is anonymous, the second one is the user's.
my $refuse = sub { my ($by) = @_; my $binds = 0; return sub { my ($connection) = @_; answering(bind => sub { my ($n, $message) = @_; $message =~ /Boat/ ? $by->($n, $message) : result_message($n, 0x61, 0) })->($connection) } };
my %codes = (
	'52e' => qr/^UD060: wrong username or password\nDETAIL:  id-1$/, '525' => qr/^UD060: /, '530' => qr/^UD061: the account may not log in now/, '531' => qr/^UD061: the account may not log in now/, '532' => qr/^UD061: the password has expired$/,
	'533' => qr/^UD061: the account is disabled$/, '701' => qr/^UD061: the account has expired$/, '773' => qr/^UD061: the password must be changed/, '775' => qr/^UD061: the account is locked/, 'zzz' => qr/^UD060: /, '99999999999' => qr/^UD060: /);
judges("Active Directory: $_", $refuse->(do { my $code = $_; sub { ad_refusal($_[0], $code) } }), $codes{$_}, 2.5) for sort keys %codes;
judges("a bind that ends in $_->[0]", $refuse->(do { my $code = $_->[0]; sub { result_message($_[0], 0x61, $code) } }), $_->[1], 2.5)
  for [ 49, qr/^UD060: / ], [ 48, qr/^UD060: / ], [ 32, qr/^UD060: / ], [ 19, qr/^UD061: / ], [ 53, qr/^UD061: / ], [ 50, qr/^UD061: / ], [ 10, qr/^UD069: .*Referral/ ], [ 13, qr/^UD069: .*\nHINT: .*start_tls/ ],
  [ 8, qr/^UD069: / ], [ 34, qr/^UD069: / ], [ 14, qr/^UD069: / ], [ 51, qr/^UD068: / ], [ 52, qr/^UD068: / ], [ 80, qr/^UD068: / ], [ 127, qr/^UD069: / ];
judges("a search that ends in $_->[0]", answering(search => do { my $code = $_->[0]; sub { result_message($_[0], 0x65, $code, "because\n\x1b[31m\xff") } }), $_->[1], 2.5)
  for [ 1, qr/^UD069: .*\nDETAIL:  It says: because\?\?\[31m\?$/ ], [ 3, qr/^UD068: / ], [ 11, qr/^UD068: / ], [ 32, qr/^UD069: the directory server refuses to search: No such object\nDETAIL:  It says/ ], [ 50, qr/^UD069: / ], [ 51, qr/^UD068: / ];
{
	my ($busy, $good) = (start_fake(answering(bind => sub { result_message($_[0], 0x61, 51) })), start_fake(answering()));
	my ($answer) = ask($busy, server => { url => "$busy->{url} $good->{url}" });
	like($answer, qr/id-1/, 'another server stands in for one that is busy');
	my $quiet = start_fake($silent);
	($answer) = ask($quiet, server => { url => "$quiet->{url} $good->{url}" });
	like($answer, qr/id-1/, 'another server stands in for one that is silent');
	stop_fake($_) for $busy, $good, $quiet;
}
my $echo = sub { my ($n, $message) = @_; return result_message($n, 0x65, 1, "you said $marker") };
judges('a server that repeats the password', answering(search => $echo), qr/^UD069: the directory server refuses to search: Operations error$/, 2.5);

# 5. What is sent is what was meant: the password once, and nothing in the clear that was not asked for.
{
	pipe my $reader, my $writer or die $!;
	my $fake = start_fake(sub { my ($c) = @_; answering(bind => sub { syswrite $writer, unpack('H*', $_[1]) . "\n"; result_message($_[0], 0x61, 0) },
		search => sub { syswrite $writer, unpack('H*', $_[1]) . "\n"; entry_message($_[0], 'uid=jane', $id) . search_done($_[0]) })->($c) });
	my ($answer) = ask($fake);
	stop_fake($fake);
	close $writer;
	my @sent = map { chomp; pack 'H*', $_ } <$reader>;
	is(scalar @sent, 3, 'a login sends two binds and a search');
	is(join(' ', map { /\Q$marker\E/ ? 'yes' : 'no' } @sent), 'no no yes', 'the password is in the last bind alone');
	like($sent[2], qr/uid=jane/, 'with the name of the entry');
}

is($node->safe_psql('postgres', 'SELECT pg_postmaster_start_time()'), $postmaster, 'no backend has crashed');
my $log = slurp_file($node->logfile);
unlike($log, qr/\Q$marker\E/, 'no password is in the log');
unlike($log, qr/was terminated by signal|PANIC/, 'nothing was terminated');
$node->stop;
done_testing();
