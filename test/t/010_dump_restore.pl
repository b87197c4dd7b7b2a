# Dump and restore: every row, everything that somebody added to the tables, and a directory that works.
#
# The source is a directory owned by the plain owner of a database, with objects of the application's
# own on, in and around its tables. Each way of dumping and restoring has to give a database whose
# catalogs and rows are equal to the source's. What the commands are is written in docs/operations.md.
use strict;
use warnings;
use PostgreSQL::Test::Utils;
use Test::More;
use UserdirTest;

my $node = new_server('source');
my $dir = PostgreSQL::Test::Utils::tempdir();
$ENV{PGHOST} = $node->host;
$ENV{PGPORT} = $node->port;

sql_script($node, 'postgres', read_file(root_file('t/sample_roles.sql')));
$node->safe_psql('postgres', 'CREATE DATABASE shop OWNER shop_owner');
$node->safe_psql('shop', 'CREATE EXTENSION userdir');
$node->safe_psql('shop', q{SELECT userdir.install('shop')}, extra_params => [ '-U', 'shop_owner' ]);
sql_script($node, 'shop', read_file(root_file('t/sample_directory.sql')), 'shop_owner');
sql_script($node, 'shop', read_file(root_file('t/application_objects.sql')), 'shop_owner');

# Indexes on paths of the metadata, of every type.
my @metadata_indexes = map { "SELECT userdir.create_metadata_index($_)" }
  (q{'app_metadata.plan', 'search'}, q{'user_metadata.ui.size', 'sort'}, q{'app_metadata.stripe.customer', 'text', true}, q{'app_metadata.quota', 'number'},
	q{'app_metadata.beta', 'boolean'}, q{'user_metadata.joined', 'date'}, q{E'user_metadata.odd \\\\ "name",\\'', 'search'}, q{E'user_metadata.odd \\\\ "name",\\'', 'text'});
$node->safe_psql('shop', join(';', @metadata_indexes), extra_params => [ '-U', 'shop_owner' ]);

my %wanted = map { $_ => { catalog => catalog_lines($node, 'shop', $_), rows => row_lines($node, 'shop', $_) } } qw(userdir public);
my $partitions = q{SET TimeZone = 'UTC';
	SELECT c.relname, pg_get_expr(c.relpartbound, c.oid), (SELECT count(*) FROM userdir.logs l WHERE l.tableoid = c.oid)
	  FROM pg_class c WHERE c.relnamespace = 'userdir'::regnamespace AND c.relispartition AND c.relkind = 'r' ORDER BY 1};
$wanted{partitions} = $node->safe_psql('shop', $partitions);
is(scalar(() = $wanted{partitions} =~ /^logs_/mg), 4, 'the log has partitions');
cmp_ok(scalar @{ $wanted{userdir}{catalog} }, '>', 500, 'the catalogs say much');
for my $table (split /\n/, $node->safe_psql('shop', q{
	SELECT c.oid::regclass FROM pg_class c WHERE c.relnamespace = 'userdir'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition}))
{
	ok((grep { /^\Q$table\E: / } @{ $wanted{userdir}{rows} }), "the sample has rows in $table");
}

# create_database makes the target of a restore.
sub create_database
{
	my ($name, %options) = @_;
	my $owner = exists $options{owner} ? $options{owner} : 'shop_owner';
	$node->safe_psql('postgres', "CREATE DATABASE $name TEMPLATE template0" . ($owner ? " OWNER $owner" : ''));
	$node->safe_psql($name, 'CREATE EXTENSION userdir') if $options{extension};
	return;
}

# is_same_database compares a restored database with the source.
sub is_same_database
{
	my ($database, $name, %options) = @_;
	my $on = $options{node} || $node;
	for my $schema (qw(userdir public))
	{
		is_same_lines(catalog_lines($on, $database, $schema), $wanted{$schema}{catalog}, "$name: catalogs of $schema");
		is_same_lines(row_lines($on, $database, $schema), $wanted{$schema}{rows}, "$name: rows of $schema");
	}
	is($on->safe_psql($database, $partitions), $wanted{partitions}, "$name: the partitions of logs, and what is where");
	works_like_a_directory($on, $database, 'shop_owner', $name);
	is($on->safe_psql($database, q{
		SELECT name, state FROM userdir.rules;
		BEGIN;
		SELECT outcome FROM userdir.login('customers', 'kate', 'Kates-Second-Boat');
		SELECT user_metadata ->> 'greeted' FROM userdir.users WHERE user_id = 'auth0|kate';
		ROLLBACK;
	}, extra_params => [ '-U', 'shop_owner' ]), "greet|enabled\nrefuse|disabled\nby_hand|disabled\nsuccess\n0001_greet", "$name: rules run, and those that are switched off do not");
	is($on->safe_psql($database, 'SELECT count(*) FROM userdir.metadata_indexes() WHERE valid'), scalar @metadata_indexes, "$name: the indexes on metadata are known");
	is($on->safe_psql($database, 'SELECT count(*), min(user_id) FROM userdir.profiles', extra_params => [ '-U', 'shop_reader' ]),
		'1|auth0|kate', "$name: the reader sees what the policy lets through");
	return;
}

# errors_of runs a shell command and returns its messages without those that only tell where they are.
sub errors_of
{
	my ($command) = @_;
	my ($out, $err) = ('', '');
	IPC::Run::run([ 'sh', '-c', $command ], '>', \$out, '2>', \$err);
	return [ grep { /error:|ERROR:/ } split /\n/, $err ];
}

# run_ok runs a shell command that has to succeed without a word on standard error.
sub run_ok
{
	my ($command, $name) = @_;
	my ($out, $err) = ('', '');
	my $ok = IPC::Run::run([ 'sh', '-c', $command ], '>', \$out, '2>', \$err);
	ok($ok && $err eq '', $name) or diag("$command\n$err");
	return;
}

#
# As superuser
#
create_database('plain');
run_ok("pg_dump shop >$dir/shop.sql && psql -qX -v ON_ERROR_STOP=1 -d plain -f $dir/shop.sql >$dir/out", 'superuser: plain');
is_same_database('plain', 'superuser, plain');

create_database('custom');
run_ok("pg_dump -Fc shop >$dir/shop.dump && pg_restore -e -d custom $dir/shop.dump", 'superuser: custom');
is_same_database('custom', 'superuser, custom');

create_database('parallel');
run_ok("pg_dump -Fd -j 2 -f $dir/shop.d shop && pg_restore -j 2 -d parallel $dir/shop.d", 'superuser: directory, two jobs');
is_same_database('parallel', 'superuser, directory');

# The extension may be there already.
create_database('prepared', extension => 1);
run_ok("pg_restore -l $dir/shop.dump | grep -v ' SCHEMA - userdir ' >$dir/contents && pg_restore -e -L $dir/contents -d prepared $dir/shop.dump",
	'superuser: into a database with the extension');
is_same_database('prepared', 'superuser, extension before');

# What was restored can be dumped and restored again.
create_database('again');
run_ok("pg_dump -Fc custom | pg_restore -e -d again", 'superuser: a restored database');
is_same_database('again', 'superuser, second generation');

# A whole server, roles and owners of databases included.
my $other = new_server('target');
my $to_other = sprintf 'PGHOST=%s PGPORT=%s psql -qX -d postgres', $other->host, $other->port;
$other->safe_psql('postgres', 'SELECT 1');
IPC::Run::run([ 'sh', '-c', "pg_dumpall | $to_other >$dir/out 2>$dir/err" ]);
is_same_database('shop', 'pg_dumpall', node => $other);
$other->stop;

#
# As superuser, into a database that belongs to somebody else: the owner of the directory lacks the
# functions there, and what it passed on, until install() is called by a superuser.
#
create_database('foreign_owner', owner => undef);
my $errors = errors_of("pg_restore -d foreign_owner $dir/shop.dump");
ok(@$errors > 0 && !(grep { !/permission denied for (function|type)/ } @$errors), 'database of another owner: rights on functions and types are all that is lost') or diag(join "\n", @$errors);
my (undef, undef, $denied) = $node->psql('foreign_owner', q{SELECT userdir.delete_user('x')}, extra_params => [ '-U', 'shop_owner' ]);
like($denied, qr/permission denied for function delete_user/, 'database of another owner: the owner cannot use it yet');
$node->safe_psql('foreign_owner', 'SELECT userdir.install()');
is_same_lines(row_lines($node, 'foreign_owner', 'userdir'), $wanted{userdir}{rows}, 'database of another owner: rows');
works_like_a_directory($node, 'foreign_owner', 'shop_owner', 'database of another owner, after install()');
is($node->safe_psql('foreign_owner', q{SELECT userdir.get_user('auth0|kate') ->> 'user_id'}, extra_params => [ '-U', 'shop_reader' ]),
	'auth0|kate', 'database of another owner, after install(): the reader reads');
is($node->safe_psql('foreign_owner', q{SELECT DISTINCT relowner::regrole FROM pg_class WHERE relnamespace = 'userdir'::regnamespace}),
	'shop_owner', 'database of another owner: nothing of the directory belongs to the superuser');

#
# As the plain owner of source and target, who may not create extensions
#
run_ok("pg_dump -U shop_owner -Fc shop >$dir/owner.dump && pg_dump -U shop_owner shop >$dir/owner.sql && pg_dump -U shop_owner -Fd -j 2 -f $dir/owner.d shop",
	'owner: dumps in three formats');

create_database('owner_custom', extension => 1);
run_ok("pg_restore -l $dir/owner.dump | grep -v -e ' SCHEMA - userdir ' -e ' EXTENSION - userdir' >$dir/contents"
	  . " && pg_restore -e -U shop_owner --no-owner -L $dir/contents -d owner_custom $dir/owner.dump", 'owner: custom');
is_same_database('owner_custom', 'owner, custom');

create_database('owner_parallel', extension => 1);
run_ok("pg_restore -l $dir/owner.d | grep -v -e ' SCHEMA - userdir ' -e ' EXTENSION - userdir' >$dir/contents"
	  . " && pg_restore -U shop_owner --no-owner -L $dir/contents -j 2 -d owner_parallel $dir/owner.d", 'owner: directory, two jobs');
is_same_database('owner_parallel', 'owner, directory');

create_database('owner_plain', extension => 1);
$errors = errors_of("psql -qX -U shop_owner -d owner_plain -f $dir/owner.sql");
is_deeply($errors, [ grep { /schema "userdir" already exists/ } @$errors ], 'owner: plain, nothing but the schema is in the way') or diag(join "\n", @$errors);
is(scalar @$errors, 1, 'owner: plain, once');
is_same_database('owner_plain', 'owner, plain');

# Without the extension the tables come back, and nothing is lost when it follows later.
create_database('owner_bare');
$errors = errors_of("pg_restore -U shop_owner --no-owner -d owner_bare $dir/owner.dump");
ok(!(grep { !/permission denied to create extension|function userdir\.|operator does not exist: jsonb userdir\.|operator class "userdir\.\w+" does not exist|type "userdir\.\w+" does not exist|trigger "00_userdir_events_\w+" for table "\w+" does not exist|"public\.(customers|orders|totals)"|public\.(customers|orders|totals)/ } @$errors),
	'owner, no extension: what leans on its functions is missing, nothing else')
  or diag(join "\n", @$errors);
is_same_lines(row_lines($node, 'owner_bare', 'userdir'), $wanted{userdir}{rows}, 'owner, no extension: rows');
$node->safe_psql('owner_bare', 'CREATE EXTENSION userdir');
$node->safe_psql('owner_bare', 'SELECT userdir.install()', extra_params => [ '-U', 'shop_owner' ]);
is_same_lines(row_lines($node, 'owner_bare', 'userdir'), $wanted{userdir}{rows}, 'owner, extension afterwards: rows');
works_like_a_directory($node, 'owner_bare', 'shop_owner', 'owner, extension afterwards');

#
# Parts of a dump
#

# The schema alone: the tables know their version, so install() only has to name the directory.
create_database('schema_only');
run_ok("pg_dump -s shop | psql -qX -v ON_ERROR_STOP=1 -d schema_only >$dir/out", 'pg_dump -s');
is_same_lines(catalog_lines($node, 'schema_only', 'userdir'), $wanted{userdir}{catalog}, 'pg_dump -s: catalogs');
is($node->safe_psql('schema_only', 'SELECT data, remedy FROM userdir.version()'), '0|SELECT userdir.install();', 'pg_dump -s: version() tells what is missing');
is($node->safe_psql('schema_only', q{SELECT userdir.install('shop')}, extra_params => [ '-U', 'shop_owner' ]),
	'installed directory "shop" at data version ' . $node->safe_psql('shop', 'SELECT data FROM userdir.version()'), 'pg_dump -s: install() runs no step again');
is_same_lines(catalog_lines($node, 'schema_only', 'userdir'), $wanted{userdir}{catalog}, 'pg_dump -s, install(): catalogs');

# Its rows, from another dump: as superuser, and as owner.
$node->safe_psql('postgres', 'CREATE DATABASE owner_rows OWNER shop_owner TEMPLATE schema_only');
$node->safe_psql('schema_only', 'TRUNCATE userdir.directory, userdir.bundle_grants, userdir.attack_protection');
run_ok("pg_dump --data-only shop | PGOPTIONS='-c session_replication_role=replica' psql -qX -v ON_ERROR_STOP=1 -d schema_only >$dir/out", 'superuser: pg_dump --data-only');
$node->safe_psql('schema_only', 'REFRESH MATERIALIZED VIEW public.totals');
is_same_database('schema_only', 'superuser, schema, then data');

$node->safe_psql('owner_rows', 'TRUNCATE userdir.directory, userdir.bundle_grants, userdir.attack_protection; ALTER TABLE userdir.users DISABLE TRIGGER USER; ALTER TABLE userdir.credentials DISABLE TRIGGER USER', extra_params => [ '-U', 'shop_owner' ]);
run_ok("pg_dump -U shop_owner --data-only shop | psql -qX -U shop_owner -v ON_ERROR_STOP=1 -d owner_rows >$dir/out", 'owner: pg_dump --data-only');
$node->safe_psql('owner_rows', q{
	ALTER TABLE userdir.users ENABLE TRIGGER USER;
	ALTER TABLE userdir.credentials ENABLE TRIGGER USER;
	ALTER TABLE userdir.users DISABLE TRIGGER asleep;
	REFRESH MATERIALIZED VIEW public.totals;
}, extra_params => [ '-U', 'shop_owner' ]);
is_same_database('owner_rows', 'owner, schema, then data');

# The directory alone, with its schema.
create_database('namespace', extension => 1);
$errors = errors_of("pg_dump -n userdir -n crm shop | psql -qX -d namespace");
ok(!(grep { !/schema "userdir" already exists|function public\.(audit|rewrite|greet|refuse)\(\) does not exist|trigger "(always|asleep|audit|by_hand)" for table/ } @$errors),
	'pg_dump -n: what is outside of the schemas is missing, nothing else')
  or diag(join "\n", @$errors);
is_same_lines(row_lines($node, 'namespace', 'userdir'), $wanted{userdir}{rows}, 'pg_dump -n: rows');
works_like_a_directory($node, 'namespace', 'shop_owner', 'pg_dump -n');

#
# Versions that do not fit
#

# The files of another version were installed, and nobody said ALTER EXTENSION yet.
$node->safe_psql('postgres', 'CREATE DATABASE mismatch OWNER shop_owner TEMPLATE custom');
$node->safe_psql('mismatch', q{UPDATE pg_extension SET extversion = '0.0.9' WHERE extname = 'userdir'});
my (undef, undef, $mismatch) = $node->psql('mismatch', q{SELECT userdir.create_user('mail', '{}')});
like($mismatch, qr/library is version .*, but its SQL objects are version 0\.0\.9\nHINT:  Run "ALTER EXTENSION userdir UPDATE;"/, 'mismatch: writing tells the remedy');
create_database('fits_again');
run_ok("pg_dump -Fc mismatch | pg_restore -e -d fits_again", 'mismatch: dump and restore');
is_same_database('fits_again', 'mismatch');

#
# The extension goes, the data stays
#
$node->safe_psql('postgres', 'CREATE DATABASE dropped OWNER shop_owner TEMPLATE custom');
my (undef, undef, $refused) = $node->psql('dropped', 'DROP EXTENSION userdir');
like($refused, qr/cannot drop extension userdir because other objects depend on it/, 'DROP EXTENSION is refused while views and indexes of the application use its functions');
$node->safe_psql('dropped', q{
	DROP VIEW public.customers; DROP MATERIALIZED VIEW public.totals; DROP TABLE public.orders;
	DROP EXTENSION userdir CASCADE;
});
is_same_lines(row_lines($node, 'dropped', 'userdir'), $wanted{userdir}{rows}, 'DROP EXTENSION: rows');
# The indexes for searches are made of the extension's functions and operator classes.
my $search_index = qr/userdir\.users_(folded_\w+|reversed_email|text|metadata|(app|user)_metadata_\w+)_idx\b/;
# So are the triggers that write events.
my $event_trigger = qr/^trigger "00_userdir_events_/;
my @storage = grep { /^(relation|column|constraint|index|trigger|policy|statistics) / && !/$search_index/ && !/$event_trigger/ } @{ $wanted{userdir}{catalog} };
is_same_lines([ grep { /^(relation|column|constraint|index|trigger|policy|statistics) / } @{ catalog_lines($node, 'dropped', 'userdir') } ], \@storage, 'DROP EXTENSION: tables and all that was added to them');
is($node->safe_psql('dropped', 'SELECT count(*) FROM userdir.profiles', extra_params => [ '-U', 'shop_reader' ]), '1', 'DROP EXTENSION: reading goes on');

create_database('without');
run_ok("pg_dump -Fc dropped | pg_restore -e -d without", 'DROP EXTENSION: dump and restore');
is_same_lines(row_lines($node, 'without', 'userdir'), $wanted{userdir}{rows}, 'DROP EXTENSION: rows of the restored');

for my $database (qw(dropped without))
{
	$node->safe_psql($database, 'CREATE EXTENSION userdir');
	$node->safe_psql($database, 'SELECT userdir.install()', extra_params => [ '-U', 'shop_owner' ]);
	works_like_a_directory($node, $database, 'shop_owner', "$database, extension back");
	is($node->safe_psql($database, 'SELECT count(*) FROM userdir.metadata_indexes()'), '0', "$database: the indexes on metadata are gone");
	$node->safe_psql($database, join(';', @metadata_indexes), extra_params => [ '-U', 'shop_owner' ]);
}
my @not_granted_apart = grep { !/^function userdir\.create_connection.* rights / } @{ $wanted{userdir}{catalog} };
is_same_lines([ grep { !/^function userdir\.create_connection.* rights / } @{ catalog_lines($node, 'dropped', 'userdir') } ], \@not_granted_apart,
	'extension back: the same catalogs, grants to roles included');

# A dump made then still has what roles were granted, on the schema too.
create_database('after_all');
run_ok("pg_dump -Fc dropped | pg_restore -e -d after_all", 'extension back: dump and restore');
is_same_lines(catalog_lines($node, 'after_all', 'userdir'), catalog_lines($node, 'dropped', 'userdir'), 'extension back: catalogs of the restored');

#
# Everything goes
#
my (undef, undef, $no_schema) = $node->psql('custom', 'DROP SCHEMA userdir');
like($no_schema, qr/cannot drop schema userdir because other objects depend on it/, 'DROP SCHEMA is refused');
$node->safe_psql('custom', 'DROP SCHEMA userdir CASCADE');
is($node->safe_psql('custom', q{SELECT count(*) FROM pg_extension WHERE extname = 'userdir'}), '0', 'DROP SCHEMA CASCADE takes the extension along');
$node->safe_psql('custom', 'CREATE EXTENSION userdir');
$node->safe_psql('custom', 'SELECT userdir.install()', extra_params => [ '-U', 'shop_owner' ]);
is($node->safe_psql('custom', 'SELECT remedy IS NULL, (SELECT count(*) FROM userdir.users) FROM userdir.version()'), 't|0', 'and a new directory can be made');

done_testing();
