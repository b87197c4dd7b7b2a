# Passwords that are judged or looked up must not be found in the server's log, and neither must their
# SHA-1 or the key that is made of it, with every logging setting turned up.
use strict;
use warnings;
use Digest::SHA qw(sha1 sha1_hex);
use IPC::Run ();
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = PostgreSQL::Test::Cluster->new('policy_leaks');
$node->init;
$node->append_conf('postgresql.conf', <<'CONF');
fsync = off
shared_preload_libraries = 'auto_explain'
log_error_verbosity = verbose
log_min_messages = debug1
CONF
$node->start;
$node->safe_psql('postgres', <<'SQL');
CREATE EXTENSION userdir;
SELECT userdir.install('test');
SELECT userdir.create_connection('people', 'auth0', '{"passwordPolicy": "excellent", "password_dictionary": {"enable": true}, "password_no_personal_info": {"enable": true}, "password_history": {"enable": true}}');
SELECT userdir.create_connection('strict', 'auth0', '{"passwordPolicy": "nist"}');
SELECT userdir.create_connection('long', 'auth0', '{"password_complexity_options": {"min_length": 64}}');
SELECT userdir.create_user('people', '{"user_id": "1", "email": "ann@example.com"}');
SELECT userdir._remember_password('auth0|1', userdir._hash_password('an earlier one'), 5);
SELECT userdir.update_attack_protection('breached-password-detection', '{"enabled": true, "shields": ["block"]}');
SELECT userdir.add_breached_passwords('96E58C52E52B5F3BCB307D3309264D420B60403C');
SQL

my %loud = (
	'log_statement' => 'all',
	'log_min_duration_statement' => '0',
	'log_parameter_max_length' => '-1',
	'log_parameter_max_length_on_error' => '-1',
	'log_min_error_statement' => 'debug5',
	'debug_print_plan' => 'on',
	'debug_print_parse' => 'on',
	'auto_explain.log_min_duration' => '0',
	'auto_explain.log_analyze' => 'on',
	'auto_explain.log_verbose' => 'on',
	'auto_explain.log_nested_statements' => 'on',
);
# Where literals are not logged with every statement, they must not be with errors of ours.
my %quiet = ('log_statement' => 'none', 'log_min_error_statement' => 'error', 'log_parameter_max_length_on_error' => '-1');

my $number = 0;

# traces returns all that a password must not leave: itself, its SHA-1, and the key as a number.
sub traces
{
	my ($password) = @_;
	my $key = unpack 'q>', sha1($password) ^ ("\x80" . "\0" x 19);
	return ($password, sha1_hex($password), uc sha1_hex($password), "$key");
}

# check_case sends a script with a new password as :pw and searches the log.
sub check_case
{
	my ($name, $protocol, $settings, $script, $says) = @_;
	my $password = 'Marker' . ++$number . "-tr0ub4dor-$number";
	my $file = $node->basedir . "/script$number.sql";
	my $start = -s $node->logfile;
	my $output;
	append_to_file($file, $script);
	{
		local $ENV{PGOPTIONS} = join ' ', map { "-c $_=$settings->{$_}" } sort keys %$settings;
		my $value = $protocol eq 'simple' ? "'$password'" : $password;
		IPC::Run::run(['pgbench', '-n', '-t', '1', '-M', $protocol, '-D', "pw=$value", '-f', $file, '-h', $node->host, '-p', $node->port, 'postgres'], '&>', \$output);
	}
	like($output, $says, "$name: it was sent");
	my $log = substr slurp_file($node->logfile), $start;
	my @found = grep { index($log, $_) >= 0 } traces($password);
	is("@found", '', "$name: nothing in the log") or diag(join "\n", grep { my $line = $_; grep { index($line, $_) >= 0 } @found } split /\n/, $log);
	return $log;
}

my $done = qr/number of transactions actually processed: 1\/1/;
my $log;

# The search finds what is there.
my $marker = 'Marker0-tr0ub4dor-0';
{
	local $ENV{PGOPTIONS} = '-c log_statement=all';
	my $start = -s $node->logfile;
	$node->safe_psql('postgres', join '; ', map { "SELECT '$_'" } traces($marker));
	my $logged = substr slurp_file($node->logfile), $start;
	is(scalar(grep { index($logged, $_) >= 0 } traces($marker)), 4, 'what is logged is found');
	like($node->safe_psql('postgres', "SELECT userdir._breach_key('$marker', false)"), qr/^${\ (traces($marker))[3]}$/, 'the key is the one that is searched for');
}

for my $protocol ('extended', 'prepared')
{
	for my $connection ('people', 'strict')
	{
		check_case("judged, $connection, $protocol", $protocol, \%loud, "SELECT userdir.check_password_policy('$connection', '{}', :pw);\n", $done);
		$log = check_case("judged for a user, $connection, $protocol", $protocol, \%loud, "SELECT userdir.check_password_policy('$connection', '{\"user_id\": \"auth0|1\"}', :pw);\n", $done);
		like($log, qr/\[redacted\]/, "judged for a user, $connection, $protocol: the plans of nested statements are in the log");
	}
	check_case("looked up, $protocol", $protocol, \%loud, "SELECT userdir._is_breached(:pw);\n", $done);
	check_case("met at a login, $protocol", $protocol, \%loud, "SELECT userdir._meet_breached_password('login', :pw);\n", $done);
	check_case("refused, $protocol", $protocol, \%loud, "SELECT userdir._require_password_policy('long', '{}', :pw);\n", qr/Password is too weak/);
	check_case("no such connection, $protocol", $protocol, \%loud, "SELECT userdir.check_password_policy('nobody', '{}', :pw);\n", qr/does not exist/);
}

# Literals, and errors of ours in whatever language.
check_case('a literal and no such connection', 'simple', \%quiet, "SELECT userdir.check_password_policy('nobody', '{}', :pw);\n", qr/does not exist/);
check_case('a literal and no user', 'simple', \%quiet, "SELECT userdir.check_password_policy('people', '[]', :pw);\n", qr/must be a JSON object/);
check_case('a literal that is refused', 'simple', \%quiet, "SELECT userdir._require_password_policy('strict', '{\"name\": \"tr0ub4dor marker1 marker2\"}', 'x' || :pw || repeat('x', 5000));\n", qr/longer than 4096 bytes/);
check_case('a literal that is too common', 'simple', \%quiet, "SELECT userdir._require_password_policy('people', jsonb_build_object('name', :pw), :pw);\n", qr/the password was refused: Password contains user information/);

# A list that is none may be one of passwords.
$marker = 'Marker-in-a-list';
my $start = -s $node->logfile;
append_to_file($node->basedir . '/list', "96E58C52E52B5F3BCB307D3309264D420B60403C:1\n$marker\n");
my ($status, undef, $error) = $node->psql('postgres', "\\copy userdir.breached_password_lines FROM '" . $node->basedir . "/list'");
like($error, qr/line 2 of the list is no SHA-1 hash/, 'a list of passwords is refused');
unlike(substr(slurp_file($node->logfile), $start), qr/\Q$marker/, 'and is not logged');

$node->stop;
done_testing();
