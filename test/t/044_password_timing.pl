# What must take the same time does: measured as time on the processor, so that what else the machine
# does counts little, in turns, by medians.
use strict;
use warnings;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

plan skip_all => 'only Linux tells the time of a process on the processor' if !-r '/proc/self/schedstat';

my $node = PostgreSQL::Test::Cluster->new('timing');
$node->init;
$node->append_conf('postgresql.conf', "fsync = off\nlog_statement = none\njit = off\nuserdir.password_queue_timeout = 1min\n");
$node->start;
$node->safe_psql('postgres', <<'SQL');
CREATE EXTENSION userdir;
-- Milliseconds of the processor that a statement takes.
CREATE FUNCTION cpu(statement text) RETURNS numeric LANGUAGE plpgsql AS $$
DECLARE
  before numeric := split_part(pg_read_file('/proc/self/schedstat', 0, 1000), ' ', 1);
BEGIN
  EXECUTE statement;
  RETURN (split_part(pg_read_file('/proc/self/schedstat', 0, 1000), ' ', 1)::numeric - before) / 1e6;
END $$;
SQL

# medians returns those of the statements, which run in turns.
sub medians
{
	my ($rounds, @statements) = @_;
	my $list = join ', ', map { "(" . ($_ + 1) . ", \$s\$$statements[$_]\$s\$)" } 0 .. $#statements;
	return split /\n/, $node->safe_psql('postgres', "SELECT count(cpu(s)) FROM (VALUES $list) v (n, s) \\g /dev/null
		CREATE TEMPORARY TABLE measured AS SELECT n, cpu(s) AS ms FROM generate_series(1, $rounds) round, LATERAL (SELECT * FROM (VALUES $list) v (n, s) WHERE round > 0) w ORDER BY round, n;
		SELECT round(percentile_cont(0.5) WITHIN GROUP (ORDER BY ms)::numeric, 3) FROM measured GROUP BY n ORDER BY n");
}

sub check_same
{
	my ($name, $rounds, $low, $high, @statements) = @_;
	my @medians = medians($rounds, @statements);
	is(scalar @medians, scalar @statements, "$name: measured");
	for my $i (1 .. $#medians)
	{
		my $ratio = $medians[$i] / $medians[0];
		ok($ratio > $low && $ratio < $high, sprintf('%s: %.2f of the time (%s and %s ms)', $name, $ratio, $medians[$i], $medians[0]));
	}
	return @medians;
}

my $stored = $node->safe_psql('postgres', "SELECT userdir._hash_password('right')");
check_same('a known and an unknown user, right and wrong passwords', 41, 0.7, 1.4,
	"SELECT userdir._verify_password('wrong', '$stored')", "SELECT userdir._verify_nothing('wrong')", "SELECT userdir._verify_password('right', '$stored')");

# A password that is typed otherwise than it is normalized is tried twice, for the unknown user as well.
my @typed = check_same('the same, for a password that is not normalized', 41, 0.7, 1.4,
	"SELECT userdir._verify_password('wrong½', '$stored')", "SELECT userdir._verify_nothing('wrong½')");
my @ascii = medians(21, "SELECT userdir._verify_nothing('wrong')");
cmp_ok($typed[1] / $ascii[0], '>', 1.5, 'which takes twice as long');

# What cannot be the password, for its encoding or its length, takes as long as what is not.
my $pbkdf2 = '$input$enc=ascii$pbkdf2-sha256$i=20000,l=32$c2FsdHNhbHQ$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA';
check_same('an impossible password', 61, 0.5, 2, "SELECT userdir._verify_password('impossible', '$pbkdf2')", "SELECT userdir._verify_password('impossiblé', '$pbkdf2')");
my $crypt = '$6$rounds=20000$sy0a7qnF0aAvTUy/$jK0MuiwyvqLU1.KU5yixIMPk5srzozyaQzEftbY9QFg1QFBpJNTaFvVn/1t0/bcEoc4qm6m2Pe8mXsVXcH0tj0';
check_same('a password that is too long for crypt', 61, 0.5, 2, "SELECT userdir._verify_password('', '$crypt')", "SELECT userdir._verify_password(repeat('x', 600), '$crypt')");

# A login says nothing by its time, either: not of who exists, nor of who has no password, nor of whose
# password came from elsewhere as a fast hash, wrapped or not.
$node->safe_psql('postgres', <<'SQL');
SELECT userdir.install('test');
SELECT userdir.create_connection('c', 'auth0');
SELECT userdir.update_attack_protection('brute-force-protection', '{"enabled": false}'), userdir.update_attack_protection('suspicious-ip-throttling', '{"enabled": false}');
SELECT userdir.create_user('c', jsonb_build_object('email', n || '@example.com', 'user_id', n), 'right') FROM unnest('{known,md5,wrapped}'::text[]) n;
SELECT userdir.create_user('c', '{"email": "nopass@example.com"}');
UPDATE userdir.credentials SET hash = userdir._import_password_hash('{"algorithm": "md5", "hash": {"value": "5f4dcc3b5aa765d61d8327deb882cf99", "encoding": "hex"}}')
 WHERE user_id IN ('auth0|md5', 'auth0|wrapped');
UPDATE userdir.credentials SET hash = userdir._wrap_password_hash(hash) WHERE user_id = 'auth0|wrapped';
SQL
my @who = qw(unknown known nopass md5 wrapped);
my @logins = map { "SELECT outcome FROM userdir.login('c', '$_\@example.com', 'wrong')" } @who;
is($node->safe_psql('postgres', "SELECT count(*) FILTER (WHERE outcome <> 'invalid_user_password') FROM (" . join(' UNION ALL ', @logins) . ') l'), '0', 'all of these logins fail');
my ($spread, @ms);
for my $try (1 .. 4)
{
	@ms = medians(31, @logins);
	my @sorted = sort { $a <=> $b } @ms;
	$spread = $sorted[-1] / $sorted[0];
	note(join ', ', map { "$who[$_]: $ms[$_] ms" } 0 .. $#who);
	last if $spread < 1.25;
}
cmp_ok($spread, '<', 1.25, 'failed logins take the same time, whoever it is') or diag(join ', ', map { "$who[$_]: $ms[$_] ms" } 0 .. $#who);
my @reset = medians(31, @logins[0, 1], "SELECT outcome FROM userdir.authenticate_password('c', 'unknown\@example.com', 'wrong')", "SELECT outcome FROM userdir.change_password('c', 'unknown\@example.com', 'wrong', 'new')");
my @sorted = sort { $a <=> $b } @reset;
cmp_ok($sorted[-1] / $sorted[0], '<', 1.5, 'so do the other functions that ask for a password') or diag("@reset");

$node->stop;
done_testing();
