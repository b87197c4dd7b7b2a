# What the TAP tests share: clusters, a private copy of the server's files, and the comparison of two
# directories by their catalogs and rows.
package UserdirTest;

use strict;
use warnings;
use Exporter qw(import);
use File::Basename qw(dirname);
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

our @EXPORT = qw(root_file read_file new_server private_server sql_script
  catalog_lines row_lines is_same_lines works_like_a_directory);

my $test_root = $ENV{USERDIR_ROOT} || '.';

# root_file returns the path of a file of the project.
sub root_file
{
	my ($name) = @_;
	return "$test_root/$name";
}

sub read_file
{
	my ($file) = @_;
	open my $in, '<:raw', $file or die "$file: $!";
	local $/;
	return <$in>;
}

# new_server starts a cluster; further arguments go to PostgreSQL::Test::Cluster->new.
sub new_server
{
	my ($name, %options) = @_;
	my $node = PostgreSQL::Test::Cluster->new($name, %options);

	$node->init(extra => [ '-E', 'UTF8', '--locale=C.UTF-8' ], allows_streaming => 'logical');
	$node->append_conf('postgresql.conf', "fsync = off\nlog_statement = none\nlog_min_duration_statement = -1");
	$node->start;
	return $node;
}

# private_server copies the server's files, so that a test can add and change extension files, and
# returns a cluster on that copy and the directory of its extension files.
sub private_server
{
	my ($name) = @_;
	my $config = $ENV{PG_CONFIG} || 'pg_config';
	my %dir = map { $_ => `$config --$_` =~ s/\n//r } qw(bindir sharedir pkglibdir);
	my $copy = PostgreSQL::Test::Utils::tempdir_short();

	# Binaries find the rest by their own place, so the places keep their distance from each other.
	my $common = $dir{bindir};
	$common = dirname($common) while grep { index($_, "$common/") != 0 } values %dir;
	for my $from (dirname($dir{bindir}), $dir{sharedir}, $dir{pkglibdir})
	{
		my $to = $copy . substr $from, length $common;
		next if -e $to;
		system('mkdir', '-p', dirname($to)) == 0 && system('cp', '-a', $from, $to) == 0 or die "could not copy $from";
	}
	system('chmod', '-R', 'u+w', $copy) == 0 or die "could not make $copy writable";
	$_ = $copy . substr $_, length $common for values %dir;

	my $node = new_server($name, install_path => dirname($dir{bindir}));
	return ($node, "$dir{sharedir}/extension", $dir{pkglibdir});
}

# sql_script runs a script in a database, by default as superuser, and dies at its first error.
sub sql_script
{
	my ($node, $database, $script, $user) = @_;
	return $node->safe_psql($database, $script, extra_params => [ $user ? ('-U', $user) : () ]);
}

# catalog_lines returns what the catalogs say of a schema, a line a fact.
sub catalog_lines
{
	my ($node, $database, $schema) = @_;
	my $listing = "\\set schema $schema\n" . read_file(root_file('t/catalog_listing.sql'));
	my @lines = grep { length } split /\n/, $node->safe_psql($database, $listing);

	die "no catalog lines of $schema in $database" if @lines < 10;
	return \@lines;
}

# row_lines returns every row of every table of a schema as a line "TABLE: JSON".
sub row_lines
{
	my ($node, $database, $schema) = @_;
	my $rows = $node->safe_psql(
		$database, qq{
		SET TimeZone = 'UTC'; SET extra_float_digits = 3; SET row_security = off;
		SELECT format('SELECT %L || to_jsonb(t)::text FROM %s t', c.oid::regclass || ': ', c.oid::regclass)
		  FROM pg_class c WHERE c.relnamespace = '$schema'::regnamespace AND c.relkind IN ('r', 'p', 'm') AND NOT c.relispartition \\gexec
	});
	return [ sort split /\n/, $rows ];
}

# is_same_lines passes when two lists of lines are equal, and else tells the lines that differ.
sub is_same_lines
{
	my ($is, $wanted, $name) = @_;
	my %count;

	$count{$_}++ for @$is;
	$count{$_}-- for @$wanted;
	my @different = map { ($count{$_} > 0 ? '+ ' : '- ') . $_ } sort grep { $count{$_} } keys %count;
	ok(!@different, $name) or diag(join "\n", map { substr $_, 0, 300 } splice @different, 0, 40);
	return;
}

# works_like_a_directory passes when users can be created, changed, logged in, listed and deleted by
# the directory's owner; it leaves the rows as they were.
sub works_like_a_directory
{
	my ($node, $database, $owner, $name) = @_;
	my $answer = $node->safe_psql(
		$database, q{
		BEGIN;
		SELECT remedy IS NULL FROM userdir.version();
		SELECT userdir.create_user('mail', '{"email": "new@example.com", "user_id": "new"}') ->> 'name';
		SELECT userdir.update_user('email|new', '{"user_metadata": {"a": 1}}') -> 'user_metadata';
		UPDATE userdir.users SET app_metadata = '{"b": 2}' WHERE user_id = 'email|new' RETURNING updated_at = now()::timestamptz(3);
		SELECT userdir.upsert_from_connection('github', '{"id": 583231, "login": "octocat", "name": "Other", "email": "cat@example.com"}') ->> 'email';
		SELECT userdir.upsert_from_connection('github', '{"id": 7, "login": "seven"}') ->> 'user_id';
		SELECT userdir.get_user('email|new') -> 'app_metadata';
		SELECT (userdir.list_users(include_totals => true, per_page => 1) ->> 'total')::integer > 40;
		SELECT userdir.delete_user('email|new');
		SELECT outcome FROM userdir.login('customers', 'kate', 'Kates-Second-Boat', context => '{"ip": "192.0.2.60"}');
		SELECT outcome FROM userdir.login('customers', 'kate', 'Kates-First-Boat', context => '{"ip": "192.0.2.60"}');
		SELECT outcome FROM userdir.signup('customers', '{"email": "newer@example.com", "username": "newer"}', 'Newer-Boat-1');
		SELECT outcome, user_id FROM userdir.reset_password(userdir.request_password_change('crm', 'cyd@crm.example'), 'Cyds-Boat-1');
		ROLLBACK;
	}, extra_params => [ '-U', $owner ]);
	is($answer, join("\n", 't', 'new@example.com', '{"a": 1}', 't', 'cat@example.com', 'github|7', '{"b": 2}', 't', 't', 'success', 'invalid_user_password', 'success', 'success|auth0|crm-cyd@crm.example'), "$name: works");

	my (undef, undef, $error) = $node->psql($database, q{INSERT INTO userdir.users (user_id) VALUES ('x|1')}, extra_params => [ '-U', $owner ]);
	like($error, qr/users are not inserted directly/, "$name: is guarded");
	return;
}

1;
