# A list of a million breached passwords, in no order and with the line ends of Windows: all of them
# are found, nothing else is, in the room and the memory that the documentation states; and a load that
# is cancelled leaves nothing.
use strict;
use warnings;
use Digest::SHA qw(sha1_hex);
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(time);

my $million = 1_000_000;
my $node = PostgreSQL::Test::Cluster->new('million');
$node->init;
$node->append_conf('postgresql.conf', "fsync = off\nmaintenance_work_mem = '16MB'\nmax_wal_size = '4GB'");
$node->start;
$node->safe_psql('postgres', "CREATE EXTENSION userdir; SELECT userdir.install('test')");

my $list = $node->basedir . '/list';
open my $out, '>:raw', $list or die "$list: $!";
print $out uc sha1_hex("password $_"), ':', 1 + $_ % 977, "\r\n" for 1 .. $million;
close $out or die "$list: $!";

# private_memory is SQL for the kilobytes that the session alone has, null where the system does not say.
my $private_memory = -r '/proc/self/status'
  ? q{(SELECT substring(pg_read_file('/proc/self/status') FROM 'RssAnon:\s+(\d+)')::integer)}
  : 'NULL::integer';

my $start = time;
my ($memory) = $node->safe_psql('postgres', <<"SQL") =~ /memory (\S*)/;
SELECT $private_memory AS before \\gset
\\copy userdir.breached_password_lines FROM '$list'
SELECT 'memory ' || coalesce(($private_memory - :'before'::integer)::text, 'unknown');
SQL
note(sprintf 'loaded in %.1f s; the session has %s kB more than before', time - $start, $memory);

my $info = $node->safe_psql('postgres', "SELECT (userdir.breached_passwords_info() ->> 'hashes') || ' ' || (userdir.breached_passwords_info() ->> 'bytes')");
my ($hashes, $bytes) = split ' ', $info;
is($hashes, $million, 'all are there');
cmp_ok($bytes, '<', 7.6e6, "they take $bytes bytes");
SKIP:
{
	skip 'the system does not tell the memory of a process', 1 if $memory eq 'unknown';
	cmp_ok($memory, '<', 24 * 1024, "the memory of the load is that of its sort ($memory kB)");
}

# One in ten of those on the list, and as many that are not.
is( $node->safe_psql('postgres', "SELECT count(*) FILTER (WHERE userdir._is_breached('password ' || i)) || ' ' || count(*) FILTER (WHERE userdir._is_breached('passwort ' || i)) FROM generate_series(1, $million, 10) i"),
	'100000 0', 'all that are looked up are found, and no other');

# A look-up takes as many pages as the index is deep, and one.
my $plan = $node->safe_psql('postgres', <<'SQL');
EXPLAIN (ANALYZE, BUFFERS, COSTS OFF, TIMING OFF, SUMMARY OFF)
SELECT userdir._breached_block_has(b.first, b.hashes, 'password 7', false) FROM userdir.breached_passwords b
 WHERE b.first <= userdir._breach_key('password 7', false) ORDER BY b.first DESC LIMIT 1
SQL
my ($pages) = $plan =~ /shared hit=(\d+)/;
like($plan, qr/Index Scan Backward using breached_passwords_pkey/, 'a look-up uses the index');
cmp_ok($pages, '<=', 4, "and reads $pages pages") or diag($plan);

# Again: nothing new, and nothing written.
$node->safe_psql('postgres', "\\copy userdir.breached_password_lines FROM '$list'");
is($node->safe_psql('postgres', "SELECT (userdir.breached_passwords_info() ->> 'hashes') || ' ' || (userdir.breached_passwords_info() ->> 'bytes')"), $info, 'a list that is known changes nothing');

# Cancelled in its midst.
$node->safe_psql('postgres', 'SELECT userdir.clear_breached_passwords()');
my (undef, undef, $error) = $node->psql('postgres', "SET statement_timeout = '300ms';\n\\copy userdir.breached_password_lines FROM '$list'");
like($error, qr/canceling statement due to statement timeout/, 'a load can be cancelled');
is($node->safe_psql('postgres', 'SELECT count(*) || $$ $$ || (SELECT count(*) FROM userdir.breached_loads) FROM userdir.breached_passwords'), '0 0', 'and leaves nothing');
is($node->safe_psql('postgres', "SELECT count(*) FROM pg_ls_tmpdir()"), 0, 'not even files');

$node->stop;
done_testing();
