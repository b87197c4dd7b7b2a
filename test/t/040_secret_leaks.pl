# Passwords must not be found where the server logs, shows or keeps statements.
#
# Every case sends a marker as the password, its own one, in one of the ways in which a client can,
# with every logging setting turned up. Afterwards the marker is searched in the server's log, in
# pg_stat_statements and in pg_stat_activity. What userdir cannot hide is here too, as found, with
# the remedy as the next case: docs/passwords.md says the same.
use strict;
use warnings;
use IPC::Run ();
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = PostgreSQL::Test::Cluster->new('leaks');
$node->init;
$node->append_conf('postgresql.conf', <<'CONF');
fsync = off
shared_preload_libraries = 'pg_stat_statements,auto_explain'
pg_stat_statements.track = all
log_statement = none
log_min_messages = debug1
log_error_verbosity = verbose
CONF
$node->start;
$node->safe_psql('postgres', <<'SQL');
CREATE EXTENSION userdir;
CREATE EXTENSION pg_stat_statements;
CREATE TABLE users (name text, stored text);
INSERT INTO users VALUES ('ann', '$digest-md5$$AAAAAAAAAAAAAAAAAAAAAA'), ('slow', userdir._hash_password('x')), ('broken', '$x$');
-- An application's own functions, with a secret and with a text.
CREATE FUNCTION login(name text, password userdir.secret) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
  RETURN (SELECT userdir._verify_password(password, u.stored) FROM users u WHERE u.name = login.name);
END $$;
CREATE FUNCTION login_text(name text, password text) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
  RETURN (SELECT userdir._verify_password(password, u.stored) FROM users u WHERE u.name = login_text.name);
END $$;
CREATE PROCEDURE login_procedure(password userdir.secret) LANGUAGE plpgsql AS $$ BEGIN PERFORM login('ann', password); END $$;
SQL

# Everything on, so that whatever can be logged is.
my %loud = (
	'log_statement'                    => 'all',
	'log_min_duration_statement'       => '0',
	'log_duration'                     => 'on',
	'log_parameter_max_length'         => '-1',
	'log_parameter_max_length_on_error' => '-1',
	'log_min_error_statement'          => 'debug5',
	'log_parser_stats'                 => 'on',
	'debug_print_plan'                 => 'on',
	'debug_print_parse'                => 'on',
	'debug_print_rewritten'            => 'on',
	'auto_explain.log_min_duration'    => '0',
	'auto_explain.log_analyze'         => 'on',
	'auto_explain.log_verbose'         => 'on',
	'auto_explain.log_nested_statements' => 'on',
	'plan_cache_mode'                  => 'force_custom_plan',
);
# The server as it comes.
my %default = ();
# No parameters in the log; auto_explain shows them too, since 16.
my %no_parameters = ('log_parameter_max_length' => 0, 'log_parameter_max_length_on_error' => 0);
$no_parameters{'auto_explain.log_parameter_max_length'} = 0 if $node->pg_version >= 16;
my $number = 0;

sub log_size { return -s $node->logfile }

sub log_since
{
	my ($start) = @_;
	return substr(slurp_file($node->logfile), $start);
}

# in_statistics returns whether a text is in pg_stat_statements.
sub in_statistics
{
	my ($text) = @_;
	return $node->safe_psql('postgres', "SELECT count(*) FROM pg_stat_statements WHERE query LIKE '%$text%' AND query NOT LIKE '%pg_stat_statements%'");
}

sub options
{
	my ($settings) = @_;
	return join ' ', map { "-c $_=$settings->{$_}" } sort keys %$settings;
}

# A marker that no other case has; its length hides nothing.
sub new_marker
{
	$number++;
	return "Marker$number-tr0ub4dor-$number";
}

# pgbench returns a command; in the simple protocol a variable is replaced by its text.
sub pgbench
{
	my ($protocol, $file, $marker) = @_;
	my $value = $protocol eq 'simple' ? "'$marker'" : $marker;
	return ['pgbench', '-n', '-t', '1', '-M', $protocol, '-D', "pw=$value", '-f', $file,
		'-h', $node->host, '-p', $node->port, 'postgres'];
}

# send_script runs a script of pgbench in one of its protocols, with the marker as :pw, and returns
# what it printed.
sub send_script
{
	my ($protocol, $settings, $script, $marker) = @_;
	my $file = $node->basedir . "/script$number.sql";
	append_to_file($file, $script);
	local $ENV{PGOPTIONS} = options($settings);
	my ($out, $err);
	IPC::Run::run(pgbench($protocol, $file, $marker), '>', \$out, '2>', \$err);
	return $out . $err;
}

# hidden and found run a case and say where the marker must not be, or must be.
sub check_case
{
	my ($name, $protocol, $settings, $script, %expected) = @_;
	my $marker = new_marker();
	my $start = log_size();
	my $printed = send_script($protocol, $settings, $script, $marker);
	like($printed, $expected{says}, "$name: it was sent") if $expected{says};
	my $log = log_since($start);
	ok(length $log > 0, "$name: something is logged") if %$settings;

	my $in_log = index($log, $marker) >= 0 ? 1 : 0;
	is($in_log, $expected{log} // 0, "$name: " . ($expected{log} ? 'known to be in the log' : 'not in the log'))
	  or diag(join "\n", grep { index($_, $marker) >= 0 } split /\n/, $log);
	is(in_statistics($marker), $expected{statistics} // 0, "$name: " . ($expected{statistics} ? 'known to be in pg_stat_statements' : 'not in pg_stat_statements'));
	return $log;
}

my $done = qr/number of transactions actually processed: 1\/1/;
my $log;

# The proof that the search finds what is there.
check_case('an ordinary parameter', 'extended', \%loud, "SELECT length(:pw::text);\n", says => $done, log => 1);

# 1. Parameters whose type the client leaves to the server: hidden by themselves.
for my $protocol ('extended', 'prepared')
{
	$log = check_case("untyped parameter, $protocol", $protocol, \%loud, "SELECT userdir._verify_password(:pw, stored) FROM users WHERE name = 'ann';\n", says => $done);
	like($log, qr/\$1 = '\[redacted\]'/, "untyped parameter, $protocol: stands as [redacted]");
	check_case("untyped parameter to be hashed, $protocol", $protocol, \%loud, "SELECT length(userdir._hash_password(:pw));\n", says => $done);
	check_case("untyped parameter and nothing to verify, $protocol", $protocol, \%loud, "SELECT userdir._verify_nothing(:pw);\n", says => $done);
	$log = check_case("through a function that takes a secret, $protocol", $protocol, \%loud, "SELECT login('ann', :pw);\n", says => $done);
	like($log, qr/\[redacted\]/, "through a function, $protocol: the nested plan is logged");
	check_case("a cast of the parameter, $protocol", $protocol, \%loud, "SELECT login('ann', :pw::userdir.secret);\n", says => $done);

	# CALL is not planned, so that what the server shows with errors is erased only by the function.
	check_case("a procedure, $protocol", $protocol, \%loud, "CALL login_procedure(:pw);\n", says => $done, log => 1);
	check_case("a procedure, parameters not shown on errors, $protocol", $protocol, { %loud, 'log_parameter_max_length_on_error' => 0 }, "CALL login_procedure(:pw);\n", says => $done);
}

# 2. Errors in userdir's functions, and interrupts: hidden, with parameters and with literals, even
# where the log has the context of errors.
my $queue = "SELECT userdir._verify_password(:pw, stored) FROM users WHERE name = 'broken';\n";
for my $protocol ('extended', 'prepared')
{
	$log = check_case("a broken hash, $protocol", $protocol, \%loud, $queue, says => qr/password hash of this scheme is not known/);
	check_case("in a function, a broken hash, $protocol", $protocol, \%loud, "SELECT login('broken', :pw);\n", says => qr/password hash of this scheme is not known/);
	check_case("too long, $protocol", $protocol, \%loud, "SELECT userdir._hash_password(:pw || repeat('x', 200000));\n", says => qr/longer than [0-9]+ bytes/);
	check_case("reserved, $protocol", $protocol, \%loud, "SELECT userdir._verify_password(:pw, stored), '[redacted]'::userdir.secret FROM users WHERE name = 'ann';\n", says => qr/read back/);
}
my %quiet = (log_statement => 'none', log_min_duration_statement => '-1', log_parameter_max_length_on_error => '-1', log_min_error_statement => 'error');
check_case('a literal and an error of ours', 'simple', \%quiet, "SELECT userdir._verify_password(:pw, '\$x\$');\n", says => qr/not known/);
check_case('a parameter and an error of ours', 'extended', \%quiet, $queue, says => qr/not known/);
check_case('a text parameter and an error of ours', 'extended', \%quiet, "SELECT userdir._verify_password(:pw::text, stored) FROM users WHERE name = 'broken';\n", says => qr/not known/);
check_case('a literal that is too long', 'simple', \%quiet, "SELECT userdir._hash_password(:pw || repeat('x', 200000));\n", says => qr/longer than [0-9]+ bytes/);
check_case('a literal in a function and an error of ours', 'simple', \%quiet, "SELECT login_text('broken', :pw);\n", says => qr/not known/);

# While it hashes, the statement's time runs out.
my %timeout = (%quiet, 'statement_timeout' => '100ms', 'userdir.password_memory' => '128MB', 'userdir.password_passes' => 16);
$log = check_case('a time-out while hashing', 'extended', \%timeout, "SELECT userdir._hash_password(:pw);\n", says => qr/canceling statement due to statement timeout/);
like($log, qr/canceling statement due to statement timeout/, 'the time-out itself is logged');

# 3. Text parameters, as drivers send them that tell types: the log shows every text.
check_case('a text parameter', 'extended', \%loud, "SELECT userdir._verify_password(:pw::text, stored) FROM users WHERE name = 'ann';\n", says => $done, log => 1);
check_case('a text parameter, parameters not logged', 'extended', { %loud, %no_parameters },
	"SELECT userdir._verify_password(:pw::text, stored) FROM users WHERE name = 'ann';\n", says => $done);
check_case('a text parameter, the server as it comes', 'extended', \%default, "SELECT login_text('ann', :pw::text);\n", says => $done);

# 4. Errors elsewhere in the statement, where the server is told to show parameters with them: a
# secret is hidden as soon as the statement runs, a text as soon as a function of userdir has it.
my $elsewhere = "1 / (random() * 0)::int";
check_case('a secret and an error before', 'extended', \%quiet, "SELECT $elsewhere, userdir._verify_password(:pw, stored) FROM users WHERE name = 'ann';\n", says => qr/division by zero/);
check_case('a secret and an error after', 'extended', \%quiet, "SELECT userdir._verify_password(:pw, stored), $elsewhere FROM users WHERE name = 'ann';\n", says => qr/division by zero/);
check_case('a text and an error after', 'extended', \%quiet, "SELECT userdir._verify_password(:pw::text, stored), $elsewhere FROM users WHERE name = 'ann';\n", says => qr/division by zero/);
check_case('a text and an error before', 'extended', \%quiet, "SELECT $elsewhere, login_text('ann', :pw::text);\n", says => qr/division by zero/, log => 1);
check_case('a secret and an error while it is planned', 'extended', \%quiet, "SELECT 1 / 0, userdir._verify_password(:pw, stored) FROM users WHERE name = 'ann';\n", says => qr/division by zero/);
check_case('a text and an error before, parameters not shown on errors', 'extended', { %quiet, 'log_parameter_max_length_on_error' => 0 }, "SELECT $elsewhere, login_text('ann', :pw::text);\n", says => qr/division by zero/);
$node->safe_psql('postgres', 'CREATE ROLE nobody; GRANT SELECT ON users TO nobody');
check_case('a secret and no privilege', 'extended', { %quiet, role => 'nobody' }, "SELECT login('ann', :pw), userdir.password_hash_info(stored) FROM users;\n", says => qr/permission denied/);

# 5. Literals are part of the statement: wherever statements are logged, they are. pg_stat_statements
# replaces those of queries and, since 17, of CALL, but keeps DO as it was.
check_case('a literal', 'simple', \%loud, "SELECT userdir._verify_password(:pw, stored) FROM users WHERE name = 'ann';\n", says => $done, log => 1);
check_case('a literal, the server as it comes', 'simple', \%default, "SELECT userdir._verify_password(:pw, stored) FROM users WHERE name = 'ann';\n", says => $done);
check_case('a literal in CALL', 'simple', \%default, "CALL login_procedure(:pw);\n", says => $done, statistics => $node->pg_version < 17 ? 1 : 0);
check_case('a literal in DO', 'simple', \%default, "DO \$\$ BEGIN PERFORM login('ann', " . q{'} . 'Marker-in-do' . q{'} . "); END \$\$;\n", says => $done);
is(in_statistics('Marker-in-do') > 0 ? 1 : 0, 1, 'a literal in DO: known to be in pg_stat_statements');

# A plan shows [redacted] for a literal all the same.
my $plans = new_marker();
my $start = log_size();
send_script('simple', { 'auto_explain.log_min_duration' => 0, 'auto_explain.log_verbose' => 'on', 'auto_explain.log_nested_statements' => 'on' }, "SELECT login('ann', '$plans');\n", $plans);
my @plan_lines = grep { !/Query Text/ && index($_, $plans) >= 0 } split /\n/, log_since($start);
is(scalar @plan_lines, 0, 'a literal: not in the plans that auto_explain logs') or diag(join "\n", @plan_lines);
like(log_since($start), qr/\[redacted\]/, 'a literal: stands as [redacted] in the plans');

# 6. What others see while the statement runs.
for my $case (['untyped parameter', 'extended', 'SELECT userdir._verify_password(:pw, stored), pg_sleep(3) FROM users WHERE name = \'ann\'', 0],
	['literal', 'simple', 'SELECT userdir._verify_password(:pw, stored), pg_sleep(3) FROM users WHERE name = \'ann\'', 1])
{
	my ($name, $protocol, $statement, $visible) = @$case;
	my $marker = new_marker();
	my $file = $node->basedir . "/activity$number.sql";
	append_to_file($file, "$statement;\n");
	my ($out, $err) = ('', '');
	my $running = IPC::Run::start(pgbench($protocol, $file, $marker), '>', \$out, '2>', \$err);
	$node->poll_query_until('postgres', "SELECT count(*) = 1 FROM pg_stat_activity WHERE wait_event = 'PgSleep'") or die 'it does not run';
	is($node->safe_psql('postgres', "SELECT count(*) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND strpos(query, '$marker') > 0"), $visible,
		"$name: " . ($visible ? 'known to be in pg_stat_activity' : 'not in pg_stat_activity'));
	$running->finish;
}

# 7. The functions that log in, sign up, change and reset, in each way and when they fail.
$node->safe_psql('postgres', <<'SQL');
SELECT userdir.install('leaks');
SELECT userdir.create_connection('shop', 'auth0'), userdir.create_connection('strict', 'auth0', '{"password_complexity_options": {"min_length": 100}, "passwordPolicy": "low"}');
SELECT userdir.update_attack_protection('brute-force-protection', '{"enabled": false}'), userdir.update_attack_protection('suspicious-ip-throttling', '{"enabled": false}');
SELECT userdir.update_attack_protection('breached-password-detection', '{"enabled": true, "shields": ["block"], "stage": {"pre-user-registration": {"shields": ["block"]}, "pre-change-password": {"shields": ["block"]}}}');
SELECT userdir.create_user('shop', jsonb_build_object('email', n || '@example.com', 'user_id', n), 'Paper-Boat-1') FROM unnest('{ann,eve}'::text[]) n;
SELECT userdir.create_user('strict', '{"email": "ann@example.com", "user_id": "strict"}');
UPDATE userdir.credentials SET hash = userdir._import_password_hash('{"algorithm": "md5", "hash": {"value": "5f4dcc3b5aa765d61d8327deb882cf99", "encoding": "hex"}}') WHERE user_id = 'auth0|eve';
CREATE TABLE given (reset text, verify text);
SELECT userdir.create_connection('corp', 'oidc', '{"issuer": "https://idp.example.com", "client_id": "app"}');
SELECT userdir.set_issuer('https://login.example.com/'), userdir.create_signing_key('RS256');
SELECT userdir.create_client('web', '{"client_id": "web", "grant_types": ["password", "refresh_token"], "refresh_token": {"rotation_type": "rotating", "leeway": 60}}');
SELECT userdir.create_resource_server('urn:api', '{"signing_alg": "HS256", "allow_offline_access": true}');
-- Custom databases whose actions reveal passwords, and pass them to statements.
CREATE SCHEMA crm;
CREATE TABLE crm.accounts (email text, digest text);
INSERT INTO crm.accounts SELECT n || '@example.com', 'x' FROM generate_series(1, 50) n;
CREATE FUNCTION crm.login(login text, password userdir.secret) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
  revealed text := userdir.reveal(password);
  seen bigint;
BEGIN
  SELECT count(*) INTO seen FROM crm.accounts a WHERE a.digest = md5(revealed) OR a.email = revealed OR userdir.password_matches(password, '{MD5}X03MO1qnZdYdgyfeuILPmQ=='::text);
  IF login LIKE 'wrong%' THEN
    RAISE EXCEPTION 'wrong password' USING ERRCODE = 'UD060';
  ELSIF login LIKE 'failing%' THEN
    PERFORM 1 / 0 FROM crm.accounts a WHERE a.email <> revealed;
  END IF;
  RETURN jsonb_build_object('user_id', md5(login), 'email', login);
END $$;
CREATE FUNCTION crm.get_user(login text) RETURNS jsonb LANGUAGE sql AS $$ SELECT jsonb_build_object('user_id', md5(login), 'email', login) WHERE login NOT LIKE 'new%' $$;
CREATE FUNCTION crm.create_account(profile jsonb, password userdir.secret) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO crm.accounts VALUES (profile ->> 'email', md5(userdir.reveal(password)));
END $$;
CREATE FUNCTION crm.change_password(login text, password userdir.secret) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
  revealed text := userdir.reveal(password);
BEGIN
  UPDATE crm.accounts a SET digest = md5(revealed) WHERE a.email = login OR a.digest = revealed;
  RETURN true;
END $$;
SELECT userdir.create_connection(n, 'auth0') FROM unnest('{moving,staying}'::text[]) n;
SELECT userdir.set_custom_database('moving', 'import', login => 'crm.login', get_user => 'crm.get_user');
SELECT userdir.set_custom_database('staying', 'legacy', login => 'crm.login', get_user => 'crm.get_user', create_user => 'crm.create_account', change_password => 'crm.change_password');
SELECT userdir.login('staying', 'one@example.com', 'Paper-Boat-1');
SQL
my $new_profile = q{jsonb_build_object('email', md5(random()::text) || '@example.com')};
my %ways = (
	'login, wrong'              => q{SELECT outcome FROM userdir.login('shop', 'ann@example.com', :pw, context => '{"ip": "192.0.2.7"}')},
	'login, unknown'            => q{SELECT outcome FROM userdir.login('shop', 'nobody@example.com', :pw)},
	'login, md5'                => q{SELECT outcome FROM userdir.login('shop', 'eve@example.com', :pw)},
	'authenticate_password'     => q{SELECT outcome FROM userdir.authenticate_password('shop', 'ann@example.com', :pw)},
	'signup'                    => "SELECT outcome FROM userdir.signup('shop', $new_profile, :pw)",
	'signup, refused'           => "SELECT outcome, report FROM userdir.signup('strict', $new_profile, :pw)",
	'signup, exists'            => q{SELECT outcome FROM userdir.signup('shop', '{"email": "ann@example.com"}', :pw)},
	'create_user'               => "SELECT userdir.create_user('shop', $new_profile, :pw)",
	'change_password, old'      => q{SELECT outcome FROM userdir.change_password('shop', 'ann@example.com', :pw, 'Paper-Boat-2')},
	'change_password, new'      => q{SELECT outcome FROM userdir.change_password('strict', 'ann@example.com', 'Paper-Boat-1', :pw)},
	'set_password'              => q{SELECT userdir.set_password('auth0|ann', :pw)},
	'reset_password'            => q{SELECT outcome FROM userdir.reset_password((SELECT userdir.create_password_change_ticket('auth0|ann')), :pw)},
	'federated_login'           => q{SELECT outcome FROM userdir.federated_login('corp', :pw)},
	'login for a client'        => q{SELECT outcome FROM userdir.login('shop', 'ann@example.com', :pw, 'web')},
	'refresh_tokens'            => q{SELECT outcome FROM userdir.refresh_tokens('web', :pw)},
	'revoke_token'              => q{SELECT outcome FROM userdir.revoke_token('web', :pw)},
	'introspect'                => q{SELECT userdir.introspect(:pw)},
	'userinfo'                  => q{SELECT userdir.userinfo(:pw)},
	'authenticate_client'       => q{SELECT outcome FROM userdir.authenticate_client('web', :pw)},
	'create_client'             => q{SELECT userdir.create_client('another', '{}', :pw)},
	'rotate_client_secret'      => q{SELECT userdir.rotate_client_secret('web', :pw)},
	'reset_password, no ticket' => q{SELECT outcome FROM userdir.reset_password('x', :pw)},
	'reset_password, the ticket' => q{SELECT outcome FROM userdir.reset_password(:pw, 'x')},
	'verify_email'              => q{SELECT success FROM userdir.verify_email(:pw)},
	'login, imported'           => q{SELECT outcome FROM userdir.login('moving', md5(random()::text) || '@example.com', :pw)},
	'login, refused by an action' => q{SELECT outcome FROM userdir.login('moving', 'wrong@example.com', :pw)},
	'login, a failing action'   => q{SELECT outcome FROM userdir.login('moving', 'failing@example.com', :pw)},
	'login, staying'            => q{SELECT outcome FROM userdir.login('staying', 'one@example.com', :pw)},
	'signup, staying'           => q{SELECT outcome FROM userdir.signup('staying', jsonb_build_object('email', 'new' || md5(random()::text) || '@example.com'), :pw)},
	'set_password, staying'     => q{SELECT userdir.set_password('auth0|' || md5('one@example.com'), :pw)},
	'change_password, staying'  => q{SELECT outcome FROM userdir.change_password('staying', 'one@example.com', 'x', :pw)},
	'reset_password, imported'  => q{SELECT outcome FROM userdir.reset_password((SELECT userdir.request_password_change('moving', md5(random()::text) || '@example.com')), :pw)},
	'try_custom_database'       => q{SELECT outcome FROM userdir.try_custom_database('moving', 'login', 'x@example.com', :pw)},
	'password_matches'          => q{SELECT userdir.password_matches(:pw, '{MD5}X03MO1qnZdYdgyfeuILPmQ=='::text)},
);
my %failing = (
	'login, no connection'        => [ q{SELECT userdir.login('nowhere', 'ann@example.com', :pw)}, qr/does not exist/ ],
	'login, a bad address'        => [ q{SELECT userdir.login('shop', 'ann@example.com', :pw, context => '{"ip": "x"}')}, qr/is no address/ ],
	'federated_login, a bad call' => [ q{SELECT userdir.federated_login('shop', :pw)}, qr/is of no provider/ ],
	'verify_foreign_token'        => [ q{SELECT userdir.verify_foreign_token('corp', :pw)}, qr/three parts/ ],
	'signup, malformed'           => [ q{SELECT userdir.signup('shop', '{"email": "x"}', :pw)}, qr/valid e-mail/ ],
	'create_user, refused'        => [ "SELECT userdir.create_user('strict', $new_profile, :pw)", qr/password was refused/ ],
	'create_user, exists'         => [ q{SELECT userdir.create_user('shop', '{"email": "ann@example.com"}', :pw)}, qr/already exists/ ],
	'set_password, nobody'        => [ q{SELECT userdir.set_password('auth0|nobody', :pw)}, qr/does not exist/ ],
	'set_password, refused'       => [ q{SELECT userdir.set_password('auth0|strict', :pw)}, qr/password was refused/ ],
	'change_password, a bad call' => [ q{SELECT userdir.change_password('shop', 'ann@example.com', 'x', :pw, context => '[]')}, qr/must be a JSON object/ ],
	'verify_email, a bad call'    => [ q{SELECT userdir.verify_email(:pw, '[]')}, qr/must be a JSON object/ ],
	'refresh_tokens, no client'   => [ q{SELECT userdir.refresh_tokens('nobody', :pw)}, qr/client does not exist/ ],
	'revoke_token, no client'     => [ q{SELECT userdir.revoke_token('nobody', :pw)}, qr/client does not exist/ ],
	'create_client, refused'      => [ q{SELECT userdir.create_client('', '{}', :pw)}, qr/name must have/ ],
	'an API without a secret'     => [ q{SELECT userdir.create_resource_server('api', '{}', :pw)}, qr/32 to 512 bytes/ ],
	'an API, too short'           => [ q{SELECT userdir.create_resource_server('api', '{"signing_alg": "HS256"}', :pw)}, qr/32 to 512 bytes/ ],
	'reveal, outside of an action' => [ q{SELECT userdir.reveal(:pw)}, qr/revealed to a running action/ ],
	'password_matches, no hash'   => [ q{SELECT userdir.password_matches(:pw, 'x'::text)}, qr/that can be verified/ ],
	'reset_password, a bad call'  => [ q{SELECT userdir.reset_password('x', :pw, '[]')}, qr/must be a JSON object/ ],
);
for my $name (sort keys %ways)
{
	$log = check_case($name, 'extended', \%loud, "$ways{$name};\n", says => $done);
	like($log, qr/\[redacted\]/, "$name: stands as [redacted]");
	check_case("$name, prepared", 'prepared', { %loud, plan_cache_mode => 'force_generic_plan' }, "$ways{$name};\n", says => $done) if $name =~ /^(login, wrong|signup|set_password|reset_password)$/;
	check_case("$name, a literal, the server as it comes", 'simple', \%default, "$ways{$name};\n", says => $done);
}
for my $name (sort keys %failing)
{
	my ($call, $says) = @{ $failing{$name} };
	check_case($name, 'extended', \%loud, "$call;\n", says => $says);
	check_case("$name, a literal", 'simple', \%quiet, "$call;\n", says => $says);
}
is($node->safe_psql('postgres', q{SELECT count(*) FROM userdir.logs g WHERE g::text ~ 'Marker|Paper-Boat|\$argon2|tr0ub4dor'}), '0', 'the log of events has no password and no hash');
cmp_ok($node->safe_psql('postgres', 'SELECT count(*) FROM userdir.logs'), '>', 20, 'though it has many events');

# Tickets: what a statement does not say, the server's log does not say either.
{
	$start = log_size();
	local $ENV{PGOPTIONS} = options(\%loud);
	$node->safe_psql('postgres', q{INSERT INTO given SELECT userdir.request_password_change('shop', 'ann@example.com'), userdir.create_email_verification_ticket('auth0|ann');
		SELECT outcome FROM given, LATERAL userdir.reset_password(reset, 'x-first'); SELECT success FROM given, LATERAL userdir.verify_email(verify);
		SELECT outcome FROM given, LATERAL userdir.reset_password(reset, 'x-again'); SELECT success FROM given, LATERAL userdir.verify_email(verify)});
}
my $said = log_since($start);
like($said, qr/_find_ticket|userdir\.tickets/, 'what the functions do with tickets is logged');
for my $kind (qw(reset verify))
{
	my $ticket = $node->safe_psql('postgres', "SELECT $kind FROM given");
	my ($secret) = $ticket =~ /\.([\w-]{43})$/ or die "no ticket: $ticket";
	is(index($said, $secret), -1, "a ticket to $kind is not in the log") or diag(join "\n", map { substr $_, 0, 300 } grep { index($_, $secret) >= 0 } split /\n/, $said);
	is($node->safe_psql('postgres', "SELECT count(*) FROM userdir.logs g WHERE strpos(g::text, '$secret') > 0"), '0', "nor in the log of events: $kind");
	is(in_statistics($secret), 0, "nor in pg_stat_statements: $kind");
}

# Tokens that are given out, exchanged, exchanged again, introspected and taken back.
$node->safe_psql('postgres', q{CREATE TABLE tokens (id_token text, signed text, opaque text, refresh text, next text); SELECT userdir.set_password('auth0|ann', 'Paper-Boat-9')});
$start = log_size();
{
	local $ENV{PGOPTIONS} = options(\%loud);
	$node->safe_psql('postgres', q{INSERT INTO tokens (id_token, signed, refresh) SELECT id_token, access_token, refresh_token FROM userdir.issue_tokens('auth0|ann', 'web', 'urn:api', 'openid offline_access');
		UPDATE tokens SET opaque = (SELECT access_token FROM userdir.login('shop', 'ann@example.com', 'Paper-Boat-9', 'web'));
		UPDATE tokens SET next = (SELECT refresh_token FROM userdir.refresh_tokens('web', refresh));
		SELECT outcome FROM tokens, LATERAL userdir.refresh_tokens('web', refresh);
		SELECT length(userdir.introspect(t)::text), length(userdir.userinfo(t)::text) FROM tokens, unnest(ARRAY[id_token, signed, opaque, refresh, next]) t;
		SELECT outcome FROM tokens, LATERAL userdir.revoke_token('web', opaque); SELECT outcome FROM tokens, LATERAL userdir.revoke_token('web', next)});
}
$said = log_since($start);
like($said, qr/userdir\.refresh_tokens t/, 'what the functions do with tokens is logged');
for my $kind (qw(id_token signed opaque refresh next))
{
	my $secret = (split /\./, $node->safe_psql('postgres', "SELECT $kind FROM tokens"))[2];
	cmp_ok(length $secret // '', '>=', 43, "there is a token: $kind");
	is(index($said, $secret), -1, "it is not in the log: $kind") or diag(join "\n", map { substr $_, 0, 300 } grep { index($_, $secret) >= 0 } split /\n/, $said);
	is($node->safe_psql('postgres', "SELECT count(*) FROM userdir.logs g WHERE strpos(g::text, '$secret') > 0"), '0', "nor in the log of events: $kind");
	is(in_statistics($secret), 0, "nor in pg_stat_statements: $kind");
}
is($node->safe_psql('postgres', q{SELECT count(*) FROM userdir.clients c WHERE position('Marker'::bytea IN c.sealed_secret) > 0 OR strpos(c::text, 'Marker') > 0}), '0', 'no client secret is in its table');

# What a plan would show of a hash is a parameter.
unlike(slurp_file($node->logfile), qr/\$argon2id\$v=/, 'no hash is in the log');

$node->stop;
done_testing();
