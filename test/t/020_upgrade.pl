# Upgrades: a directory of every released version becomes what a new one is, and no row is lost.
#
# test/upgrade holds the install script of each released version and a dump of a directory that it made.
# Both are put beside the current library, which is what an update of the package does; then the update
# is done as docs/operations.md says, and the catalogs are compared with those of a new directory.
# The same is tried with a next version that is made up here, so that the tools that write upgrades
# are tested even while nothing was released.
use strict;
use warnings;
use File::Copy qw(copy);
use JSON::PP;
use PostgreSQL::Test::Utils;
use Test::More;
use UserdirTest;

my ($current) = read_file(root_file('userdir.control')) =~ /^default_version = '(.*)'/m;
my @released = sort map { m{userdir--([^/]+)\.sql$} ? $1 : () } glob(root_file('upgrade/userdir--*.sql'));
my ($node, $extension_dir, $library_dir) = private_server('upgrade');
my $library = read_file("$library_dir/userdir.so");
my $json = JSON::PP->new->utf8->allow_nonref->allow_bignum;

note('released versions: ' . (join(', ', @released) || 'none'));
sql_script($node, 'postgres', read_file(root_file('t/sample_roles.sql')));

sub write_file
{
	my ($file, $text) = @_;
	open my $out, '>:raw', $file or die "$file: $!";
	print $out $text;
	close $out or die "$file: $!";
	return;
}

# create_database makes a database with the extension, by default in the current version.
sub create_database
{
	my ($name, $version) = @_;
	$node->safe_psql('postgres', "CREATE DATABASE $name OWNER shop_owner TEMPLATE template0");
	$node->safe_psql($name, 'CREATE EXTENSION userdir' . ($version ? " VERSION '$version'" : ''));
	return;
}

sub as_owner
{
	my ($database, $sql) = @_;
	return $node->safe_psql($database, $sql, extra_params => [ '-U', 'shop_owner' ]);
}

# directory_lines returns what the catalogs say of a directory, without the triggers of its consumers of events,
# which a new directory does not have.
sub directory_lines
{
	return [ grep { !/^trigger "00_userdir_events_/ } @{ catalog_lines(@_) } ];
}

# keeps_rows passes when every row of before is still there with every value that it had; the row
# that tells the version is another matter.
sub keeps_rows
{
	my ($after, $before, $name) = @_;
	my (%left, @lost);

	for my $line (@$after)
	{
		my ($table, $row) = split /: /, $line, 2;
		push @{ $left{$table} }, $json->decode($row);
	}
	for my $line (@$before)
	{
		my ($table, $row) = split /: /, $line, 2;
		my $old = $json->decode($row);
		delete @{$old}{qw(data_version updated_at)} if $table =~ /directory$/;
		push @lost, $line unless grep { contains($_, $old) } @{ $left{$table} };
	}
	ok(@$before > 0 && !@lost, $name) or diag(join "\n", map { substr $_, 0, 300 } splice @lost, 0, 20);
	return;
}

sub contains
{
	my ($row, $old) = @_;
	my $canonical = JSON::PP->new->canonical->allow_nonref->allow_bignum;
	return !grep { !exists $row->{$_} || $canonical->encode([ $row->{$_} ]) ne $canonical->encode([ $old->{$_} ]) } keys %$old;
}

# survives_every_call calls every function with nulls, and with other values, in one session: errors
# are welcome, the end of the session is not. Between an update of the files and ALTER EXTENSION the
# functions of one version meet the library of another, so this is tried for every pair.
sub survives_every_call
{
	my ($database, $name) = @_;
	my $calls = $node->safe_psql($database, q{
		SELECT format('SELECT * FROM %s(%s);', p.oid::regproc, string_agg(a.argument, ', ' ORDER BY a.place))
		  FROM pg_proc p
		  JOIN pg_depend d ON d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e'
		  JOIN pg_extension e ON e.oid = d.refobjid AND e.extname = 'userdir'
		 CROSS JOIN generate_series(1, 4) style
		  LEFT JOIN LATERAL (
		    SELECT t.place, CASE WHEN t.type = 'record'::regtype THEN 'ROW(1, ''x''::text)'
		                         WHEN style = 1 THEN format('NULL::%s', t.type::regtype)
		                         ELSE format('%L::%s', CASE t.type::regtype::text
		                                WHEN 'jsonb' THEN (ARRAY['{}', '[1, {"a": null}]', '"x"'])[style - 1]
		                                WHEN 'text' THEN (ARRAY['', 'x', 'auth0|x'])[style - 1]
		                                WHEN 'boolean' THEN 'true'
		                                WHEN 'integer' THEN (ARRAY['0', '-1', '7'])[style - 1]
		                                WHEN 'bigint' THEN '1'
		                                WHEN 'timestamp with time zone' THEN '2020-01-01'
		                                WHEN 'interval' THEN '1 day'
		                                WHEN 'bytea' THEN ''
		                                WHEN 'cstring' THEN 'x'
		                                WHEN 'inet' THEN '::1'
		                                ELSE CASE WHEN t.type::regtype::text ~ '\[\]$' THEN '{}' END END, t.type::regtype) END AS argument
		      FROM unnest(p.proargtypes) WITH ORDINALITY t (type, place)) a ON true
		 WHERE p.prokind = 'f' AND p.prorettype NOT IN ('trigger'::regtype, 'event_trigger'::regtype)
		   AND NOT 'internal'::regtype = ANY (p.proargtypes::oid[]) AND p.prorettype <> 'internal'::regtype
		 GROUP BY p.oid, style ORDER BY p.oid::regprocedure::text, style
	});
	my ($status, $out, $err) = $node->psql($database, "$calls\nSELECT 'still here';", on_error_stop => 0, on_error_die => 0);
	my $count = () = $calls =~ /\n/g;
	ok($status == 0 && $out =~ /^still here$/m && $err !~ /server closed the connection/, "$name: no call ends the session");
	cmp_ok($count, '>', 200, "$name: many calls");
	my @crude = grep { !/ERROR: +[^ ]/ || /cache lookup failed|unexpected|invalid memory|could not open relation/ } $err =~ /(ERROR:.*)/g;
	ok(!@crude, "$name: no error is an internal one") or diag(join "\n", splice @crude, 0, 10);
	return;
}

#
# The current version: what upgrades have to arrive at
#
create_database('fresh');
as_owner('fresh', q{SELECT userdir.install('shop')});
sql_script($node, 'fresh', read_file(root_file('t/sample_directory.sql')), 'shop_owner');
my $fresh = directory_lines($node, 'fresh', 'userdir');
my %current_step = map { (split /\|/, $_, 2)[0] => $_ } split /\n/,
  $node->safe_psql('fresh', q{SELECT number, name, md5(script) FROM userdir._storage_steps() WHERE number IS NOT NULL ORDER BY number});

# Calls with anything, in copies: they may do anything, too.
$node->safe_psql('postgres', "CREATE DATABASE $_ OWNER shop_owner TEMPLATE fresh") for qw(calls between);
$node->safe_psql('between', q{UPDATE pg_extension SET extversion = '0.0.1' WHERE extname = 'userdir'});
survives_every_call('calls', 'current version');
survives_every_call('between', 'SQL of another version');

#
# Released versions
#
for my $version (@released)
{
	my $script = read_file(root_file("upgrade/userdir--$version.sql"));
	my $database = 'from_' . ($version =~ s/\W/_/gr);

	if ($version eq $current)
	{
		# Not released yet, or nothing was changed since: the snapshot is this version.
		my $original = read_file("$extension_dir/userdir--$version.sql");
		write_file("$extension_dir/userdir--$version.sql", $script);
		create_database($database, $version);
		write_file("$extension_dir/userdir--$version.sql", $original);
		restore_directory($database, $version);
		is_same_lines(directory_lines($node, $database, 'userdir'), $fresh, "$version: the snapshot is the current version");
		works_like_a_directory($node, $database, 'shop_owner', "$version: restored");
		next;
	}
	released_steps_are_kept($version, $script);
	if ($node->safe_psql('fresh', "SELECT path FROM pg_extension_update_paths('userdir') WHERE source = '$version' AND target = '$current'") eq '')
	{
		fail("$version: sql has an upgrade to $current");
		next;
	}
	create_old_database($database, $version, $script);
	restore_directory($database, $version);
	upgrade($database, $version);
}

# create_old_database makes a database as the old version left it, which the new library now serves.
sub create_old_database
{
	my ($database, $version, $script) = @_;
	my %vanished;

	# A function of C that is no more cannot be created; pg_proc still has it after an update.
	$script =~ s{(CREATE FUNCTION userdir\.(\w+)\((?:[^']|'(?:[^']|'')*')*?AS 'MODULE_PATHNAME', ')(\w+)'}{
		my ($before, $name, $symbol) = ($1, $2, $3);
		if ($library !~ /pg_finfo_\Q$symbol\E\0/) { $vanished{$name} = $symbol; $symbol = 'userdir__library_version' }
		"$before$symbol'"
	}ge;
	write_file("$extension_dir/userdir--$version.sql", $script);
	create_database($database, $version);
	for my $name (sort keys %vanished)
	{
		$node->safe_psql($database, "UPDATE pg_proc SET prosrc = '$vanished{$name}' WHERE proname = '$name' AND pronamespace = 'userdir'::regnamespace");
	}
	note("$version: symbols that are no more: " . (join(', ', map { "$_ ($vanished{$_})" } sort keys %vanished) || 'none'));
	return;
}

sub restore_directory
{
	my ($database, $version) = @_;
	my $dump = read_file(root_file("upgrade/directory--$version.sql"));

	$dump =~ s/^CREATE SCHEMA userdir;$//m or die "no schema in the dump of $version";
	sql_script($node, $database, $dump);
	return;
}

# released_steps_are_kept passes when the storage steps of a released version are still the first ones.
sub released_steps_are_kept
{
	my ($version, $script) = @_;
	my $database = 'steps_' . ($version =~ s/\W/_/gr);

	create_old_database($database, $version, $script);
	my @changed = grep { ($current_step{ (split /\|/, $_, 2)[0] } // '') ne $_ } split /\n/,
	  $node->safe_psql($database, q{SELECT number, name, md5(script) FROM userdir._storage_steps() WHERE number IS NOT NULL ORDER BY number});
	ok(!@changed, "$version: its storage steps are untouched") or diag(join "\n", @changed);
	return;
}

sub upgrade
{
	my ($database, $version) = @_;
	my $rows = row_lines($node, $database, 'userdir');

	# Before the update: writing is refused with the remedy, reading goes on, nothing crashes.
	for my $call (q{create_user('mail', '{}')}, q{update_user('x', '{}')}, q{delete_user('x')}, q{upsert_from_connection('github', '{}')}, 'install()')
	{
		my (undef, undef, $error) = $node->psql($database, "\\set VERBOSITY verbose\nSELECT userdir.$call", extra_params => [ '-U', 'shop_owner' ]);
		like($error, qr/UD102: .*\nHINT: +Run "ALTER EXTENSION userdir UPDATE;"/, "$version: $call tells the remedy");
	}
	like(as_owner($database, 'SELECT remedy FROM userdir.version()'), qr/^ALTER EXTENSION userdir UPDATE; SELECT userdir\.install\(\);$/, "$version: version() tells the remedy");
	is(as_owner($database, q{SELECT userdir.get_user('auth0|kate') ->> 'user_id'}), 'auth0|kate', "$version: reading goes on");
	$node->safe_psql('postgres', "CREATE DATABASE ${database}_calls OWNER shop_owner TEMPLATE $database");
	survives_every_call("${database}_calls", "$version, not updated");

	# With what an application added to the tables.
	$node->safe_psql('postgres', "CREATE DATABASE ${database}_app OWNER shop_owner TEMPLATE $database");
	sql_script($node, "${database}_app", read_file(root_file('t/application_objects.sql')), 'shop_owner');
	my @application = map { catalog_lines($node, "${database}_app", 'public'), row_lines($node, "${database}_app", 'public'), row_lines($node, "${database}_app", 'userdir') } 1;

	for my $name ($database, "${database}_app")
	{
		$node->safe_psql($name, 'ALTER EXTENSION userdir UPDATE');
		# The owner may call install(), and a superuser may.
		$name eq $database ? as_owner($name, 'SELECT userdir.install()') : $node->safe_psql($name, 'SELECT userdir.install()');
	}
	is_same_lines(directory_lines($node, $database, 'userdir'), $fresh, "$version: catalogs are those of a new directory");
	keeps_rows(row_lines($node, $database, 'userdir'), $rows, "$version: rows are kept");
	works_like_a_directory($node, $database, 'shop_owner', "$version: updated");

	my $updated = row_lines($node, "${database}_app", 'userdir');
	is_same_lines(catalog_lines($node, "${database}_app", 'public'), $application[0], "$version: the application's objects are kept");
	keeps_rows(row_lines($node, "${database}_app", 'public'), $application[1], "$version: the application's rows are kept");
	keeps_rows($updated, $application[2], "$version: rows with the application's columns are kept");
	works_like_a_directory($node, "${database}_app", 'shop_owner', "$version: updated with an application");

	# Rights that roles were given before the update are in dumps made after it.
	survives_dump($database, $version);

	# An old dump can be restored beside new files.
	my $restored = "${database}_dump";
	create_database($restored);
	restore_directory($restored, $version);
	as_owner($restored, 'SELECT userdir.install()');
	is_same_lines(directory_lines($node, $restored, 'userdir'), $fresh, "$version: an old dump, restored into the new version");
	keeps_rows(row_lines($node, $restored, 'userdir'), $rows, "$version: rows of an old dump are kept");
	return;
}

sub survives_dump
{
	my ($database, $name) = @_;
	my $copy = "${database}_copy";

	$node->safe_psql('postgres', "CREATE DATABASE $copy OWNER shop_owner TEMPLATE template0");
	my ($source, $target) = map { $node->connstr($_) } $database, $copy;
	$node->command_ok([ 'sh', '-c', "pg_dump -Fc -d \"$source\" | pg_restore -e -d \"$target\"" ], "$name: dump and restore after the update");
	is_same_lines([ grep { !/ version = / } @{ catalog_lines($node, $copy, 'userdir') } ],
		[ grep { !/ version = / } @{ catalog_lines($node, $database, 'userdir') } ], "$name: catalogs of the restored");
	return;
}

#
# A next version that is made up: every kind of change, written by tools/diff_versions
#
my $next = '999.0.0';
my $script = read_file("$extension_dir/userdir--$current.sql");
my $new_script = $script;
my $steps = scalar keys %current_step;

# edit changes the script of the next version and dies when there is nothing to change.
sub edit
{
	my ($pattern, $replacement) = @_;
	$new_script =~ s/$pattern/$replacement->()/e or die "nothing like $pattern in the script";
	return;
}

my $sql_function = sub { "CREATE FUNCTION userdir.$_[0]() RETURNS $_[1]\n  LANGUAGE sql STABLE STRICT PARALLEL SAFE\nAS \$\$ SELECT $_[2] \$\$;\n" };
edit(qr/CREATE FUNCTION userdir\._library_version\(\).*?;\n/s, sub { $sql_function->('_library_version', 'text', "'$next'") });
edit(qr/CREATE FUNCTION userdir\._expected_data_version\(\).*?;\n/s, sub { $sql_function->('_expected_data_version', 'integer', $steps + 1) });
edit(qr/(?=-- sql\/parts\/99)/s, sub {
	qq{CREATE TYPE userdir.mood AS ENUM ('good; bad', 'it''s');\nCOMMENT ON TYPE userdir.mood IS 'New; with a semicolon.';\n}
	  . qq{CREATE FUNCTION userdir.double(n integer, "by Two" integer DEFAULT 2) RETURNS integer\n  LANGUAGE sql IMMUTABLE PARALLEL SAFE COST 3\n}
	  . qq{AS \$\$ SELECT n OPERATOR(pg_catalog.*) \$2 -- twice; really\n\$\$;\nCOMMENT ON FUNCTION userdir.double(integer, integer) IS 'Doubles -- not more.';\n}
	  . qq{CREATE OPERATOR userdir.*** (LEFTARG = integer, RIGHTARG = integer, FUNCTION = userdir.double);\nCOMMENT ON OPERATOR userdir.*** (integer, integer) IS 'New.';\n}
	  . qq{CREATE FUNCTION userdir.mood_name(m userdir.mood) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS \$\$ SELECT m::pg_catalog.text \$\$;\nCOMMENT ON FUNCTION userdir.mood_name(userdir.mood) IS 'New.';\n}
	  . qq{CREATE CAST (userdir.mood AS text) WITH FUNCTION userdir.mood_name(userdir.mood);\nCOMMENT ON CAST (userdir.mood AS text) IS 'New.';\n}
});
edit(qr/('\{name,given_name,family_name,nickname,picture\}')/s, sub { "'{name,given_name,family_name,nickname}'" });    # another body
edit(qr/(FUNCTION userdir\.default_nickname\(email text\).*?)IMMUTABLE STRICT PARALLEL SAFE/s, sub { "$1STABLE PARALLEL RESTRICTED COST 7" });
edit(qr/(FUNCTION userdir\.default_picture\()email text/s, sub { "$1address text" });                                 # another name: made anew
edit(qr/CREATE FUNCTION userdir\._strategy_kind\(.*?;\nCOMMENT ON FUNCTION userdir\._strategy_kind.*?;\n/s, sub { '' });         # gone
edit(qr/(COMMENT ON FUNCTION userdir\.get_user\(text, text, boolean\) IS\n')/s, sub { "$1Really: " });
edit(qr/(merge_metadata,json_merge_patch,)/s, sub { "$1double," });             # into a bundle
edit(qr/(?=    \(NULL, )/s, sub {
	sprintf "    (%d, '%03d_made_up', \$storage\$\nALTER TABLE userdir.users ADD COLUMN made_up integer;\nUPDATE userdir.users SET made_up = 5;\nCREATE TABLE userdir.made_up (id text PRIMARY KEY);\n\$storage\$),\n",
	  $steps + 1, $steps + 1;
});
edit(qr/(COMMENT ON VIEW userdir\.profiles IS ')/s, sub { "$1Now: " });

write_file("$extension_dir/userdir--$next.sql", $new_script);
my ($out, $err) = ('', '');
ok(IPC::Run::run([ root_file('tools/diff_versions'), "$extension_dir/userdir--$current.sql", "$extension_dir/userdir--$next.sql" ], '>', \$out, '2>', \$err),
	'diff_versions writes an upgrade') or diag($err);
write_file("$extension_dir/userdir--$current--$next.sql", $out);
unlike($out, qr/FUNCTION userdir\.get_user\(user_id/, 'diff_versions leaves out what did not change');

create_database('next_fresh', $next);
as_owner('next_fresh', q{SELECT userdir.install('shop')});
as_owner('next_fresh', q{SELECT userdir._grant_to('shop_reader', 'reader'), userdir._grant_to('shop "clerk"', 'editor'), userdir._grant_to('shop "clerk"', 'login')});

my $before = row_lines($node, 'fresh', 'userdir');
$node->safe_psql('fresh', "ALTER EXTENSION userdir UPDATE TO '$next'");
is(as_owner('fresh', 'SELECT remedy FROM userdir.version()'), 'SELECT userdir.install();', 'made-up version: version() tells that install() is missing');
like(as_owner('fresh', 'SELECT userdir.install()'), qr/^ran storage step \d+_made_up\nupgraded directory "shop" from data version $steps to @{[$steps + 1]}$/, 'made-up version: install() tells what it did');
is_same_lines(directory_lines($node, 'fresh', 'userdir'), directory_lines($node, 'next_fresh', 'userdir'), 'made-up version: catalogs are those of a new directory');
keeps_rows(row_lines($node, 'fresh', 'userdir'), $before, 'made-up version: rows are kept');
is(as_owner('fresh', q{SELECT count(*), sum(made_up) / 5 FROM userdir.users}), as_owner('fresh', 'SELECT count(*), count(*) FROM userdir.users'), 'made-up version: the new column is filled');
is($node->safe_psql('fresh', 'SELECT userdir.double(21)', extra_params => [ '-U', 'shop_reader' ]), '42', 'made-up version: a role got what its bundle won');
{
	# The dump is restored by its version's files.
	local $ENV{PGOPTIONS} = '';
	my $control = read_file("$extension_dir/userdir.control");
	write_file("$extension_dir/userdir.control", $control =~ s/'\Q$current\E'/'$next'/r);
	survives_dump('fresh', 'made-up version');
	write_file("$extension_dir/userdir.control", $control);
}

# The comparison must not be blind: each of these differences has to be seen.
my %damage = (
	'a comment'    => q{COMMENT ON FUNCTION userdir.get_user(text, text, boolean) IS 'other'},
	'a cost'       => q{ALTER FUNCTION userdir.get_user(text, text, boolean) COST 3},
	'a body'       => q{CREATE OR REPLACE FUNCTION userdir._root_attributes() RETURNS text[] LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT '{name}'::pg_catalog.text[] $$},
	'a grant'      => q{GRANT EXECUTE ON FUNCTION userdir.get_user(text, text, boolean) TO PUBLIC},
	'membership'   => q{ALTER EXTENSION userdir DROP FUNCTION userdir.get_user(text, text, boolean)},
	'a column'     => q{ALTER TABLE userdir.users ADD COLUMN x integer},
	'a default'    => q{ALTER TABLE userdir.users ALTER COLUMN created_at DROP DEFAULT},
	'an index'     => q{DROP INDEX userdir.users_email_idx},
	'a constraint' => q{ALTER TABLE userdir.identifiers DROP CONSTRAINT identifiers_check},
	'a trigger'    => q{ALTER TABLE userdir.users DISABLE TRIGGER zz_userdir_guard},
	'a view'       => q{ALTER VIEW userdir.profiles RESET (security_invoker)},
	'an owner'     => q{ALTER TABLE userdir.connections OWNER TO shop_reader},
	'an operator'  => q{COMMENT ON OPERATOR userdir.|+ (jsonb, jsonb) IS 'other'},
);
my $undamaged = listing_after('SELECT WHERE false');
is($undamaged, join("\n", sort @{ catalog_lines($node, 'fresh', 'userdir') }), 'the comparison sees nothing where nothing is');
isnt(listing_after($damage{$_}), $undamaged, "the comparison sees $_") for sort keys %damage;

sub listing_after
{
	my ($statement) = @_;
	my $listing = "BEGIN; $statement;\n\\set schema userdir\n" . read_file(root_file('t/catalog_listing.sql')) . "\nROLLBACK;";
	return join "\n", sort grep { length } split /\n/, $node->safe_psql('fresh', $listing);
}

# What cannot be replaced is told, not passed over.
write_file("$extension_dir/userdir--998.0.0.sql", $new_script =~ s/\('good; bad', 'it''s'\)/('good')/r);
ok(!IPC::Run::run([ root_file('tools/diff_versions'), "$extension_dir/userdir--$next.sql", "$extension_dir/userdir--998.0.0.sql" ], '>', \$out, '2>', \$err)
	  && $err =~ /by hand: TYPE userdir\.mood changed/, 'diff_versions tells what has to be done by hand') or diag($err);

done_testing();
