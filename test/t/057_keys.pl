# The root key outside of the database, and what becomes of tokens without it: loss, rotation, dump and
# restore, export and import, a command instead of a file. No key in the log; changes of keys seen by
# other sessions at once; and no memory that grows with the tokens.
use strict;
use warnings;
use File::Basename qw(dirname);
use lib dirname(__FILE__);
use IPC::Run ();
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(usleep);
use UserdirTest;

my $node = new_server('keys');
my $file = $node->data_dir . '/userdir_root.key';

sub sql
{
	my ($statement, $server) = @_;
	return ($server || $node)->safe_psql('postgres', $statement);
}

# fails_with passes when a statement fails in a new session with an error like a pattern.
sub fails_with
{
	my ($statement, $pattern, $name, $server) = @_;
	my (undef, undef, $error) = ($server || $node)->psql('postgres', "\\set VERBOSITY verbose\n$statement", on_error_stop => 0);
	like($error, $pattern, $name);
	return;
}

sub mode { return sprintf '%o', (stat $_[0])[2] & 07777 }

sub key_lines { return grep { !/^#/ } split /\n/, read_file($file) }

sql('CREATE EXTENSION userdir; SELECT userdir.install()');
ok(!-e $file, 'no root key before there is need of one');
is(sql(q{SELECT userdir.verify_jwt_with_secret(userdir.sign_jwt_with_secret('{"a": 1}', repeat('s', 32)), repeat('s', 32))}), '{"a": 1}', 'a shared secret needs none');
ok(!-e $file, 'and makes none');

# 1. The file.
sql(q{SELECT userdir.create_signing_key(a) FROM unnest('{ES256,EdDSA}'::text[]) a});
is(mode($file), '600', 'the file is for the server alone');
is(scalar(key_lines()), 1, 'it holds one key');
like((key_lines())[0], qr/^rk_[0-9a-f]{16} [A-Za-z0-9_-]{43}$/, 'of the form that is documented');
my ($id, $secret) = split / /, (key_lines())[0];
is(sql(q{SELECT userdir.root_keys()}), qq([{"id": "$id", "in_use": true, "is_present": true, "sealed_values": 2}]), 'root_keys() tells its id');
my $token = sql(q{SELECT userdir.sign_jwt('{"a": 1}', 'EdDSA')});
my $sign = q{SELECT userdir.sign_jwt('{"a": 1}', 'EdDSA')};
my $verify = "SELECT userdir.verify_jwt('$token')";

chmod 0640, $file;
fails_with($sign, qr/ERROR:  UD050: the root key file .* may be used by others.*chmod 0600/s, 'a file that others may read is refused');
is(sql($verify), '{"a": 1}', 'but tokens are verified');
chmod 0600, $file;

# 2. Loss, of the file and of a key in it.
rename $file, "$file.away" or die;
fails_with($sign, qr/ERROR:  UD050: root key $id is not there.*HINT:.*copy of the server's root key file/s, 'without the file the error names the key');
fails_with(q{SELECT userdir.create_signing_key('ES384')}, qr/ERROR:  UD050: there is no root key file.*HINT:.*add_root_key.*import_keys/s, 'and no new key takes its place by itself');
is(sql($verify), '{"a": 1}', 'tokens are verified without it');
like(sql('SELECT userdir.jwks()'), qr/"kty": "OKP"/, 'public keys are published without it');
is(sql('SELECT userdir.root_keys()'), qq([{"id": "$id", "in_use": false, "is_present": false, "sealed_values": 2}]), 'root_keys() tells which one is missing');
ok(!-e $file, 'nothing made a file meanwhile');
rename "$file.away", $file or die;
is(sql($sign), $token, 'with the file all is as before');

for my $case (['another key under its id', "$id " . ('A' x 43) . "\n"], ['a cut line', substr("$id $secret", 0, 50) . "\n"], ['anything else', "x\n"], ['padding', "$id $secret=\n"])
{
	rename $file, "$file.away" or die;
	append_to_file($file, $case->[1]);
	chmod 0600, $file;
	fails_with($sign, qr/ERROR:  UD050: the root keys from .* are malformed.*Line 1/s, "refused: $case->[0]");
	unlink $file;
	rename "$file.away", $file or die;
}
rename $file, "$file.away" or die;
append_to_file($file, "# nothing\n");
chmod 0600, $file;
fails_with($sign, qr/ERROR:  UD050: .* holds no root key/, 'refused: an empty file');
unlink $file;
mkdir $file, 0700;
fails_with($sign, qr/ERROR:  UD050: .* is no file/, 'refused: a directory');
rmdir $file;
rename "$file.away", $file or die;

# 3. Rotation. A rollback leaves a key in the file that nothing needs, and nothing lost.
fails_with(qq{BEGIN; SELECT userdir.rotate_root_key(); ROLLBACK; $sign; SELECT 1/0}, qr/division by zero/, 'a rotation that is rolled back');
is(scalar(key_lines()), 2, 'the file keeps the old key before the new one');
like((key_lines())[0], qr/^$id /, 'and in its place');
is(sql($sign), $token, 'what was sealed before opens');
my $new_id = sql('SELECT userdir.rotate_root_key()');
is(sql(q{SELECT jsonb_path_query_array(userdir.root_keys(), '$[*] ? (@.sealed_values > 0).id')}), qq(["$new_id"]), 'a rotation seals everything anew');
is(mode($file), '600', 'the file is still for the server alone');
$node->stop('immediate');
$node->start;
is(sql($sign), $token, 'after a crash too');
is(join(' ', grep { /userdir_root/ } map { s{.*/}{}r } glob($node->data_dir . '/*')), 'userdir_root.key userdir_root.key.lock', 'no temporary file is left');

# 4. Dump and restore on another server: verified at once, signed with the file or an export.
my $dump = $node->basedir . '/dump.sql';
$node->command_ok([ 'pg_dump', '-h', $node->host, '-p', $node->port, '-f', $dump, 'postgres' ], 'the directory is dumped');
unlike(read_file($dump), qr/\Q$secret\E/, 'the dump holds no root key');
my $exported = sql(q{SELECT userdir.export_keys('correct horse battery')});
my $other = new_server('other');
$other->command_ok([ 'psql', '-h', $other->host, '-p', $other->port, '-q', '-v', 'ON_ERROR_STOP=1', '-f', $dump, 'postgres' ], 'and restored elsewhere');
is(sql($verify, $other), '{"a": 1}', 'there tokens are verified');
fails_with($sign, qr/ERROR:  UD050: root key $new_id is not there/, 'but not signed', $other);
fails_with(qq{SELECT userdir.import_keys('correct horse battery', '$exported')}, qr/UD050: there is no root key file/, 'an import needs a root key first', $other);
like(sql('SELECT userdir.add_root_key()', $other), qr/^rk_/, 'which a superuser makes');
is(sql(qq{SELECT userdir.import_keys('correct horse battery', '$exported')}, $other), '{"keys_added": 0, "values_restored": 2}', 'the export brings back what is sealed');
is(sql($sign, $other), $token, 'and the same key signs');
$other->stop;
unlink $other->data_dir . '/userdir_root.key';
system('cp', '-p', $file, $other->data_dir) == 0 or die;
$other->start;
my $restored = $other->psql('postgres', $sign);
isnt($restored, 0, 'what an import has sealed needs the key that was there then');
$other->stop;

# 5. A command instead of a file.
my $command = $node->basedir . '/keys.sh';
append_to_file($command, "cat '$file.moved'\n");
rename $file, "$file.moved" or die;
sql("LOAD 'userdir'; ALTER SYSTEM SET userdir.root_key_command = 'sh $command'; SELECT pg_reload_conf()");
is(sql($sign), $token, 'keys come from a command');
fails_with('SELECT userdir.add_root_key()', qr/ERROR:  0A000: root keys come from a command/, 'which alone can add one');
sql("LOAD 'userdir'; ALTER SYSTEM SET userdir.root_key_command = 'echo x; exit 3'; SELECT pg_reload_conf()");
fails_with($sign, qr/ERROR:  UD050: userdir.root_key_command failed.*exit code 3/s, 'a command that fails');
sql("LOAD 'userdir'; ALTER SYSTEM SET userdir.root_key_command = 'yes'; SELECT pg_reload_conf()");
fails_with($sign, qr/ERROR:  UD050: could not read root keys from userdir.root_key_command/, 'a command that does not end');
sql('LOAD \'userdir\'; ALTER SYSTEM RESET userdir.root_key_command; SELECT pg_reload_conf()');
rename "$file.moved", $file or die;
sql("LOAD 'userdir'; ALTER SYSTEM SET userdir.root_key_file = 'elsewhere.key'; SELECT pg_reload_conf()");
fails_with($sign, qr/UD050: root key $new_id is not there.*elsewhere\.key/s, 'another file, which is not there');
rename $file, $node->data_dir . '/elsewhere.key' or die;
is(sql($sign), $token, 'and which is');
rename $node->data_dir . '/elsewhere.key', $file or die;
sql('LOAD \'userdir\'; ALTER SYSTEM RESET userdir.root_key_file; SELECT pg_reload_conf()');

# 6. A key that another session revokes counts no more at once, also under an old snapshot.
my $psql = "psql -h '" . $node->host . "' -p " . $node->port . ' -Xqt postgres';
my $answers = $node->safe_psql('postgres', <<"SQL");
SELECT userdir.create_signing_key('ES384') \\g /dev/null
SELECT userdir.sign_jwt('{"b": 2}', 'ES384') AS token \\gset
BEGIN ISOLATION LEVEL REPEATABLE READ;
SELECT userdir.verify_jwt(:'token');
\\! $psql -c "SELECT userdir.revoke_signing_key(kid) FROM userdir.signing_keys WHERE alg = 'ES384'" >/dev/null
SELECT state FROM userdir.signing_keys WHERE alg = 'ES384';
\\set ON_ERROR_STOP off
SELECT userdir.verify_jwt(:'token');
ROLLBACK;
\\echo :LAST_ERROR_SQLSTATE
SQL
is($answers, "{\"b\": 2}\ncurrent\nUD049", 'a revocation elsewhere counts under an old snapshot');

# 7. Nothing in the log: private keys, passphrases, shared secrets, tokens, root keys.
$node->append_conf('postgresql.conf', <<'CONF');
log_statement = all
log_min_duration_statement = 0
log_parameter_max_length = -1
log_parameter_max_length_on_error = -1
log_min_messages = debug1
CONF
$node->reload;
my %sent = (
	'a private key'             => ['eyJ0ZXN0Ijoibm90YWtleSJ9MarkerPrivateKey', 'SELECT userdir.import_signing_key(:marker);'],
	'the passphrase of an export' => ['MarkerPassphraseOfExport', 'SELECT length(userdir.export_keys(:marker));'],
	'the passphrase of an import' => ['MarkerPassphraseOfImport', "SELECT userdir.import_keys(:marker, 'x');"],
	'a shared secret'           => ['MarkerSharedSecretOf32BytesOrMore', q{SELECT length(userdir.sign_jwt_with_secret('{}', :marker));}],
	'a short secret'            => ['MarkerShort', q{SELECT userdir.sign_jwt_with_secret('{}', :marker);}],
	'a token'                   => ['MarkerToken.e30.AAAA', 'SELECT userdir.verify_jwt(:marker);'],
	'a sealed text'             => ['MarkerSealedText', q{SELECT length(userdir._seal_text('a', :marker));}],
);
for my $name (sort keys %sent)
{
	my ($marker, $statement) = @{ $sent{$name} };
	my $script = $node->basedir . '/script.sql';
	unlink $script;
	append_to_file($script, "$statement\n");
	my $start = -s $node->logfile;
	IPC::Run::run([ 'pgbench', '-n', '-t', '1', '-M', 'extended', '-D', "marker=$marker", '-f', $script, '-h', $node->host, '-p', $node->port, 'postgres' ], '>', \my $out, '2>', \my $error);
	my $log = substr slurp_file($node->logfile), $start;
	like($log, qr/\[redacted\]/, "$name: the statement is logged");
	is(index($log, $marker), -1, "$name: not in the log");
}
sql('SELECT userdir.rotate_root_key()');
my $whole = slurp_file($node->logfile);
is(scalar(grep { my ($key_id, $bytes) = split / /; index($whole, $bytes) >= 0 } key_lines()), 0, 'no root key is in the log');

# 8. Memory: tokens that are good and bad, keys that come and go.
SKIP:
{
	skip 'only Linux tells memory in /proc', 1 if !-r '/proc/self/status';
	my $rss = q{SELECT (regexp_match(pg_read_file('/proc/self/status', 0, 100000), 'VmRSS:\s+(\d+)'))[1]};
	my $work = sub {
		my ($times) = @_;
		return <<"SQL";
DO \$\$
DECLARE
  token text;
BEGIN
  FOR i IN 1 .. $times LOOP
    token := userdir.sign_jwt('{"a": 1}', CASE WHEN i % 2 = 0 THEN 'ES256' ELSE 'EdDSA' END);
    PERFORM userdir.verify_jwt(token);
    PERFORM userdir.verify_jwt_with_secret(userdir.sign_jwt_with_secret('{"a": 1}', repeat('s', 32) || i % 20), repeat('s', 32) || i % 20);
    IF i % 5 = 0 THEN
      BEGIN
        PERFORM userdir.verify_jwt(CASE i % 4 WHEN 0 THEN token || 'AAAA' WHEN 1 THEN 'x' WHEN 2 THEN 'e30.' || token ELSE translate(token, 'A', 'B') END);
      EXCEPTION WHEN OTHERS THEN
        NULL;
      END;
    END IF;
    IF i % 500 = 0 THEN
      PERFORM userdir._signing_keys_changed();
    END IF;
  END LOOP;
END \$\$;
SQL
	};
	my ($before, $after) = split /\n/, sql("SET log_statement = none; SET log_min_messages = error;" . $work->(4000) . "$rss;" . $work->(50000) . "$rss;");
	cmp_ok($after - $before, '<', 3000, "100,000 signatures and 110,000 verifications leak nothing ($before to $after kB)");
}

# 9. An RSA key takes seconds: a cancel ends that, other interrupts do not.
my $making = IPC::Run::start([ 'psql', '-XAtq', '-v', 'ON_ERROR_STOP=1', '-d', $node->connstr('postgres') . q{ application_name=making}, '-c', q{SELECT userdir.create_signing_key('PS512', 7168) ->> 'alg'} ], '>', \my $made, '2>', \my $unmade);
$node->poll_query_until('postgres', q{SELECT count(*) = 1 FROM pg_stat_activity WHERE application_name = 'making' AND state = 'active'}) or die;
my $interrupts = 0;
# Whatever a backend is signalled for makes its interrupts pending; this is what needs no other cause.
while (sql(q{SELECT count(pg_log_backend_memory_contexts(pid)) FROM pg_stat_activity WHERE application_name = 'making' AND state = 'active'}) eq '1')
{
	$interrupts++;
	usleep(100_000);
}
$making->finish;
cmp_ok($interrupts, '>', 0, "a session that makes a key was interrupted $interrupts times");
is($made . $unmade, "PS512\n", 'and has made it');
fails_with(q{SET statement_timeout = '200ms'; SELECT userdir.create_signing_key('RS512', 8192)}, qr/ERROR:  57014: canceling statement due to statement timeout/, 'a cancel is heard');

$node->stop;
done_testing();
