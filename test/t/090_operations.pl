# The commands of docs/operations.md: every block of shell is run, in order, beside a server with a directory.
#
# Comments in the page tell what the test has to know:
#
#   <!-- sh: skip -->            before a block: it is not to be run (it installs packages, say)
#   <!-- sh: as ROLE -->         before a block: who calls it; else a superuser
#   <!-- sh: database NAME -->   before a block: where it is called
#   <!-- sh: errors TEXT -->     before a block: the errors that it may print all hold this text
use strict;
use warnings;
use PostgreSQL::Test::Utils;
use Test::More;
use UserdirTest;

my $node = new_server('operations');
my $dir = PostgreSQL::Test::Utils::tempdir();

sql_script($node, 'postgres', read_file(root_file('t/sample_roles.sql')) . 'CREATE ROLE new_owner LOGIN;');
$node->safe_psql('postgres', 'CREATE DATABASE shop OWNER shop_owner');
$node->safe_psql('shop', 'CREATE EXTENSION userdir');
$node->safe_psql('shop', q{SELECT userdir.install('shop')}, extra_params => [ '-U', 'shop_owner' ]);
sql_script($node, 'shop', read_file(root_file('t/sample_directory.sql')), 'shop_owner');
sql_script($node, 'shop', read_file(root_file('t/application_objects.sql')), 'shop_owner');
my $rows = row_lines($node, 'shop', 'userdir');

my ($block, %mark, $ran);
open my $page, '<', root_file('docs/operations.md') or die $!;
while (my $line = <$page>)
{
	if ($line =~ /^<!-- sh: (skip|as|database|errors) ?(.*?) -->$/) { $mark{$1} = $2 }
	elsif ($line =~ /^<!-- sh:/) { die "line $.: a comment that this test does not understand" }
	elsif ($line =~ /^```sh$/) { $block = '' }
	elsif (defined $block && $line =~ /^```$/)
	{
		run_block($., $block, %mark) unless exists $mark{skip};
		($block, %mark) = ();
	}
	elsif (defined $block) { $block .= $line }
}
cmp_ok($ran, '>=', 7, 'the page has commands');

sub run_block
{
	my ($line, $commands, %mark) = @_;
	my ($out, $err) = ('', '');
	my @environment = ('PGHOST=' . $node->host, 'PGPORT=' . $node->port, 'PGDATABASE=' . ($mark{database} // 'postgres'), $mark{as} ? "PGUSER=$mark{as}" : ());

	# The transfer of ownership comes early in the page and is undone, so that the rest finds shop_owner.
	my $ok = IPC::Run::run([ 'env', '-C', $dir, @environment, 'sh', $mark{errors} ? '-c' : '-ec', $commands ], '>', \$out, '2>', \$err);
	my @unexpected = grep { /error|fatal|warning/i && !($mark{errors} && (/\Q$mark{errors}\E/ || /errors ignored on restore/ || /WARNING:  no privileges/)) } split /\n/, $err;
	ok($ok && !@unexpected, "commands that end on line $line") or diag("$commands\n$err");
	$ran++;
	if ($commands =~ /REASSIGN OWNED/)
	{
		works_like_a_directory($node, 'shop', 'new_owner', 'handed over');
		is($node->safe_psql('shop', q{SELECT userdir.get_user('auth0|kate') ->> 'user_id'}, extra_params => [ '-U', 'shop_reader' ]), 'auth0|kate', 'handed over: roles keep their bundles');
		is($node->safe_psql('shop', q{SELECT DISTINCT relowner::regrole FROM pg_class WHERE relnamespace = 'userdir'::regnamespace}), 'new_owner', 'handed over: all of it');
		$node->safe_psql('postgres', 'CREATE DATABASE handed_over OWNER new_owner');
		my ($source, $target) = map { $node->connstr($_) } qw(shop handed_over);
		$node->command_ok([ 'sh', '-c', "pg_dump -Fc -d \"$source\" | pg_restore -e -d \"$target\"" ], 'handed over: dump and restore');
		works_like_a_directory($node, 'handed_over', 'new_owner', 'handed over and restored');
		$node->safe_psql('shop', 'REASSIGN OWNED BY new_owner TO shop_owner; DROP OWNED BY new_owner; SELECT userdir.install()');
	}
	return;
}

for my $database (qw(shop2 shop3 shop4 shop5))
{
	is_same_lines([ grep { !/^userdir\.directory/ } @{ row_lines($node, $database, 'userdir') } ], [ grep { !/^userdir\.directory/ } @$rows ], "$database has the rows");
	works_like_a_directory($node, $database, 'shop_owner', $database);
}

done_testing();
