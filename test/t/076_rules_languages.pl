# Rules in other languages than PL/pgSQL: the examples of docs/rules.md in PL/Perl and PL/Python, and a
# function in C, called as triggers are.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use UserdirTest;

my $pg_config = $ENV{PG_CONFIG} || 'pg_config';
my $sharedir = `$pg_config --sharedir` =~ s/\n//r;
my %has = map { $_ => -e "$sharedir/extension/$_.control" } qw(jsonb_plperl plpython3u);

my $node = PostgreSQL::Test::Cluster->new('languages');
$node->init;
$node->append_conf('postgresql.conf', "shared_preload_libraries = 'userdir'\nuserdir.password_memory = '7MB'\nfsync = off");
$node->start;
$node->safe_psql('postgres', q{
	CREATE EXTENSION userdir;
	SELECT count(*) FROM userdir.install('languages');
	SELECT count(userdir.create_connection('shop', 'auth0'));
	SELECT count(userdir.create_user('shop', '{"email": "ada@example.com", "user_id": "ada", "name": "Ada King"}', 'Paper-Boat-1843'));
	SELECT count(userdir.create_user('shop', '{"email": "eve@partner.example", "user_id": "eve", "name": "Eve"}', 'Paper-Boat-1843'));
	SELECT outcome FROM unnest('{ada@example.com,eve@partner.example}'::text[]) who, LATERAL userdir.login('shop', who, 'Paper-Boat-1843');
	CREATE SCHEMA app;
});

# skip_loudly skips tests for want of something.
sub skip_loudly
{
	my ($reason, $count) = @_;
	diag("*** SKIPPED: $reason ***");
	skip($reason, $count);
}

# tried returns what try_rule() shows of a rule: how it ended, and the claims of an ID token.
sub tried
{
	my ($rule, $user) = @_;
	return $node->safe_psql('postgres', qq{SELECT t ->> 'outcome', coalesce(t ->> 'description', '-'), CASE WHEN t ->> 'outcome' = 'success' THEN t #> '{after,id_token}' END FROM userdir.try_rule('$rule', '$user') t});
}

# example returns the functions of a language in the documentation.
sub example
{
	my ($language) = @_;
	my $text = read_file(root_file('docs/rules.md'));
	my @functions = $text =~ /^(CREATE FUNCTION \S+ RETURNS trigger LANGUAGE $language .*?^\$\$;)$/msg;
	die "docs/rules.md has no example in $language\n" unless @functions;
	return join("\n", @functions);
}

SKIP:
{
	skip_loudly('PL/Perl and its transform of jsonb are not installed (Debian: postgresql-plperl-15)', 4) unless $has{jsonb_plperl};
	$node->safe_psql('postgres', 'CREATE EXTENSION jsonb_plperl CASCADE;' . example('plperl') . q{SELECT userdir.create_rule('perl', 'post_login', 'app.partners_perl')});
	is(tried('perl', 'auth0|ada'), 'success|-|{"https://example.com/logins": 1}', 'PL/Perl: a claim');
	is(tried('perl', 'auth0|eve'), 'unauthorized|Partners use the other door.|', 'PL/Perl: a refusal');
	is($node->safe_psql('postgres', q{SELECT outcome, description FROM userdir.login('shop', 'eve@partner.example', 'Paper-Boat-1843')}), 'unauthorized|Partners use the other door.', 'PL/Perl: at login');
	$node->safe_psql('postgres', q{
		CREATE FUNCTION app.dies_perl() RETURNS trigger LANGUAGE plperl AS 'die "no more\n";';
		SELECT userdir.create_rule('dying', 'post_login', 'app.dies_perl')});
	is($node->safe_psql('postgres', q{SELECT outcome FROM userdir.login('shop', 'ada@example.com', 'Paper-Boat-1843'); SELECT last_error FROM userdir.rules WHERE name = 'dying'}) =~ s/ at line.*//r,
		"rule_failed\nno more", 'PL/Perl: a failure');
	$node->safe_psql('postgres', q{SELECT userdir.drop_rule('perl'), userdir.drop_rule('dying')});
}

SKIP:
{
	skip_loudly('PL/Python is not installed (Debian: postgresql-plpython3-15)', 2) unless $has{plpython3u};
	$node->safe_psql('postgres', 'CREATE EXTENSION plpython3u;' . example('plpython3u') . q{SELECT userdir.create_rule('python', 'post_login', 'app.initials_python')});
	is(tried('python', 'auth0|ada'), 'success|-|{"https://example.com/initials": "AK"}', 'PL/Python: a claim');
	is($node->safe_psql('postgres', q{SELECT outcome FROM userdir.login('shop', 'ada@example.com', 'Paper-Boat-1843')}), 'success', 'PL/Python: at login');
	$node->safe_psql('postgres', q{SELECT userdir.drop_rule('python')});
}

# In C: one that refuses whose name is short, and one that ends what no rule may end.
my $dir = PostgreSQL::Test::Utils::tempdir();
append_to_file("$dir/c_rule.c", <<'SOURCE');
#include "postgres.h"
#include "commands/trigger.h"
#include "executor/spi.h"
#include "fmgr.h"
#include "utils/builtins.h"
#include "utils/rel.h"

PG_MODULE_MAGIC;

PG_FUNCTION_INFO_V1(refuse);
Datum
refuse(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = (TriggerData *) fcinfo->context;
	TupleDesc view = trigger->tg_relation->rd_att;
	HeapTuple row = trigger->tg_trigtuple;
	char *id = SPI_getvalue(row, view, SPI_fnumber(view, "user_id"));
	int column = SPI_fnumber(view, "denied");
	Datum denied = CStringGetTextDatum("Eve does not come in.");
	bool is_null = false;

	if (!CALLED_AS_TRIGGER(fcinfo) || !TRIGGER_FIRED_INSTEAD(trigger->tg_event) || !TRIGGER_FIRED_FOR_ROW(trigger->tg_event))
		elog(ERROR, "not called as a rule");
	if (strcmp(id, "auth0|eve") == 0)
		row = heap_modify_tuple_by_cols(row, view, 1, &column, &denied, &is_null);
	return PointerGetDatum(row);
}

PG_FUNCTION_INFO_V1(nothing);
Datum
nothing(PG_FUNCTION_ARGS)
{
	return PointerGetDatum(NULL);
}
SOURCE
my $include = `$pg_config --includedir-server` =~ s/\n//r;
is(system('gcc', '-shared', '-fPIC', "-I$include", '-o', "$dir/c_rule.so", "$dir/c_rule.c"), 0, 'C: compiled');
chmod 0755, $dir;
$node->safe_psql('postgres', qq{
	CREATE FUNCTION app.refuse_c() RETURNS trigger LANGUAGE c AS '$dir/c_rule', 'refuse';
	CREATE FUNCTION app.nothing_c() RETURNS trigger LANGUAGE c AS '$dir/c_rule', 'nothing';
	SELECT userdir.create_rule('c', 'post_login', 'app.refuse_c')});
is(tried('c', 'auth0|ada'), 'success|-|{}', 'C: nothing to refuse');
is(tried('c', 'auth0|eve'), 'unauthorized|Eve does not come in.|', 'C: a refusal');
is($node->safe_psql('postgres', q{SELECT outcome, description FROM userdir.login('shop', 'eve@partner.example', 'Paper-Boat-1843')}), 'unauthorized|Eve does not come in.', 'C: at login');
$node->safe_psql('postgres', q{SELECT userdir.create_rule('null', 'post_login', 'app.nothing_c')});
is($node->safe_psql('postgres', q{SELECT outcome FROM userdir.login('shop', 'ada@example.com', 'Paper-Boat-1843'); SELECT last_sqlstate FROM userdir.rules WHERE name = 'null'}), "rule_failed\nUD066", 'C: one that returns no row');

$node->stop;
done_testing();
