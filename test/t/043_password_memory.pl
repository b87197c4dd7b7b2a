# The memory of a hash goes back to the system when it is done, whichever library has hashed.
use strict;
use warnings;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

plan skip_all => 'only Linux tells memory in /proc' if !-r '/proc/self/status';

my $node = PostgreSQL::Test::Cluster->new('memory');
$node->init;
$node->append_conf('postgresql.conf', "fsync = off\nlog_statement = none\njit = off\n");
$node->start;
$node->safe_psql('postgres', 'CREATE EXTENSION userdir');

my $rss = "(regexp_match(pg_read_file('/proc/self/status', 0, 100000), 'VmRSS:\\s+(\\d+)'))[1]::int / 1024";
my $peak = "(regexp_match(pg_read_file('/proc/self/status', 0, 100000), 'VmHWM:\\s+(\\d+)'))[1]::int / 1024";
my $salt = 'AAAAAAAAAAAAAAAAAAAAAA';
my $hash = 'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA';

# name, megabytes that it takes, the function
my @cases = (
	['argon2id by libsodium', 64, "userdir._verify_password('x', '\$argon2id\$v=19\$m=65536,t=1,p=1\$$salt\$$hash')"],
	['our own hash', 64, "SET userdir.password_memory = '64MB'; SELECT userdir._hash_password('x') IS NULL"],
	['argon2d by the reference library', 64, "userdir._verify_password('x', '\$argon2d\$v=19\$m=65536,t=1,p=1\$$salt\$$hash')"],
	['argon2id with four lanes', 20, "userdir._verify_password('x', '\$argon2id\$v=19\$m=20480,t=1,p=4\$$salt\$$hash')"],
	['scrypt by OpenSSL', 64, "userdir._verify_password('x', '\$scrypt\$ln=16,r=8,p=1\$$salt\$$hash')"],
	['scrypt, as small as is usual', 16, "userdir._verify_password('x', '\$scrypt\$ln=14,r=8,p=1\$$salt\$$hash')"],
	['yescrypt by libxcrypt', 16, "userdir._verify_password('x', '\$y\$j9T\$85tvbqGR2j9yZ/Qc1358x1\$j9ZiyTgDAYAfWM4XtJ6YYrUtsrokXlElE3KKBf3TVx3')"],
	['a wrapped hash', 64, "userdir._verify_password('x', '\$wrapped\$argon2id\$v=19\$m=65536,t=1,p=1\$$salt\$$hash\$digest-md5\$')"],
);
for my $case (@cases)
{
	my ($name, $megabytes, $call) = @$case;
	$call = "SELECT $call" unless $call =~ /^SET/;
	my ($before, @answers) = split /\n/, $node->safe_psql('postgres', "LOAD 'userdir'; SELECT userdir._verify_nothing('x') IS NULL \\g /dev/null\nSELECT $rss; $call; $call; SELECT $rss; SELECT $peak");
	my ($peaked, $after) = (pop @answers, pop @answers);
	is(join(' ', @answers), 'f f', "$name: hashed, twice");
	cmp_ok($peaked - $before, '>', $megabytes * 0.8, "$name: it takes $megabytes MB ($before to $peaked)");
	cmp_ok($after - $before, '<', 4, "$name: and gives it back ($before to $after)");
}

# A thousand verifications of fast hashes leak nothing.
my ($before, $after) = split /\n/, $node->safe_psql('postgres', "SELECT count(userdir._verify_password('x' || n, '\$hmac-sha256\$key=AAAA\$\$$hash')) FROM generate_series(1, 1000) n \\g /dev/null\nSELECT $rss;
	SELECT count(userdir._verify_password('x' || n, '\$hmac-sha256\$key=AAAA\$\$$hash')) + count(userdir._verify_password('x', '\$digest-whirlpool\$\$' || repeat('A', 86))) FROM generate_series(1, 20000) n \\g /dev/null\nSELECT $rss");
cmp_ok($after - $before, '<', 3, "twenty thousand fast hashes leak nothing ($before to $after)");

$node->stop;
done_testing();
