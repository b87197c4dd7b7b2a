# The examples of the documentation: every block of SQL in README.md and docs/*.md is run.
#
# Each page gets a database of its own, with a new directory unless the page itself makes one, and its
# blocks run in order in one session. A block that is followed by a block of "text" has to print that,
# apart from the number of blanks. Comments in the page tell what else the test has to know:
#
#   <!-- sql: skip -->         before a block: it is not to be run (it needs another server, say)
#   <!-- sql: error UD002 -->  before a block: its last statement has to fail with this SQLSTATE
#   <!-- sql: setup            until the closing -->: statements to be run here that readers need not see
use strict;
use warnings;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $root = $ENV{USERDIR_ROOT} || '.';
my @pages = grep { -e } ("$root/README.md", sort glob("$root/docs/*.md"));

# read_blocks returns the blocks of a page in order, each with its line, SQL, and what is expected.
sub read_blocks
{
	my ($page) = @_;
	my (@blocks, $block, $kind, $mark);

	open my $in, '<:encoding(UTF-8)', $page or die "$page: $!";
	while (my $line = <$in>)
	{
		if (defined $kind && $line =~ ($kind eq 'setup' ? qr/^-->/ : qr/^```\s*$/))
		{
			push @blocks, $block if $kind ne 'text';
			$kind = undef;
		}
		elsif (defined $kind)
		{
			$block->{$kind} .= $line;
		}
		elsif ($line =~ /^<!-- sql: setup\s*$/)
		{
			$kind = 'setup';
			$block = { line => $., setup => '' };
		}
		elsif ($line =~ /^<!-- sql: (skip|error (\w{5})) -->\s*$/)
		{
			$mark = $2 || 'skip';
		}
		elsif ($line =~ /^<!-- sql:/)
		{
			die "$page:$.: a comment that this test does not understand\n";
		}
		elsif ($line =~ /^```sql\s*$/)
		{
			$kind = 'sql';
			$block = { line => $., sql => '', mark => $mark };
			$mark = undef;
		}
		elsif ($line =~ /^```text\s*$/ && $block && !defined $block->{text} && !$block->{between})
		{
			$kind = 'text';
			$block->{text} = '';
		}
		elsif ($line =~ /^```\w+\s*$/)
		{
			# Some other language: nothing in it is ours, but a fence ends it.
			1 while defined($line = <$in>) && $line !~ /^```\s*$/;
		}
		elsif ($line =~ /\S/)
		{
			$block->{between} = 1 if $block;
			die "$page:$.: a comment about SQL that has no SQL behind it\n" if defined $mark;
		}
	}
	die "$page: a block is not closed\n" if defined $kind;
	return grep { !$_->{mark} || $_->{mark} ne 'skip' } @blocks;
}

# make_script turns blocks into the input of psql, with a line before each that tells where it is.
sub make_script
{
	my ($page, @blocks) = @_;
	my $script = "\\set ON_ERROR_STOP on\n\\pset format aligned\n\\pset tuples_only off\n";

	$script .= "CREATE EXTENSION userdir;\nSELECT userdir.install('documentation');\n"
	  unless grep { ($_->{sql} || '') =~ /^CREATE EXTENSION userdir/m } @blocks;
	for my $i (0 .. $#blocks)
	{
		my $block = $blocks[$i];

		$script .= "\\echo \@\@begin $i\n";
		$script .= "\\set ON_ERROR_STOP off\n" if $block->{mark};
		$script .= $block->{sql} // $block->{setup};
		$script .= "\\echo \@\@state :SQLSTATE\n\\set ON_ERROR_STOP on\n" if $block->{mark};
		$script .= "\\echo \@\@end $i\n";
	}
	return $script;
}

# squeeze makes texts comparable: blanks are one blank, and lines without any sign are none.
sub squeeze
{
	my ($text) = @_;
	my @lines = map { s/[ \t]+/ /gr =~ s/^ | $//gr } split /\n/, $text;
	return join "\n", grep { /\S/ } @lines;
}

# problem tells what is wrong with a block, given what psql printed.
sub problem
{
	my ($i, $block, $output, $errors) = @_;

	my ($printed) = $output =~ /^\@\@begin $i$(.*?)(?:^\@\@end $i$|\z)/ms or return 'not reached';
	return "fails: $errors" unless $output =~ /^\@\@end $i$/m;
	if ($block->{mark})
	{
		my $state = $printed =~ s/^\@\@state (\w+)\n//m ? $1 : 'none';
		return "SQLSTATE is $state, not $block->{mark}" if $state ne $block->{mark};
	}
	if (defined $block->{text})
	{
		my ($want, $is) = (squeeze($block->{text}), squeeze($printed));
		return "prints\n$printed" if $want ne $is;
	}
	return;
}

my $node = PostgreSQL::Test::Cluster->new('docs');
$node->init;
$node->append_conf('postgresql.conf', "fsync = off");
$node->start;

for my $page (@pages)
{
	(my $name = $page) =~ s{^\Q$root\E/}{};
	my @blocks = read_blocks($page);
	my ($output, $errors) = ('', '');

	next unless @blocks;
	$node->safe_psql('postgres', "CREATE DATABASE page TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C.UTF-8'");
	utf8::encode(my $script = make_script($page, @blocks));
	$node->psql('page', $script, stdout => \$output, stderr => \$errors);
	utf8::decode($output);
	for my $i (0 .. $#blocks)
	{
		my $problem = problem($i, $blocks[$i], $output, $errors);
		ok(!$problem, "$name, line $blocks[$i]{line}") or diag("$name, line $blocks[$i]{line}: $problem");
	}
	$node->safe_psql('postgres', 'DROP DATABASE page');
	$node->safe_psql('postgres', $_)
	  for split /\n/, $node->safe_psql('postgres',
		"SELECT format('DROP ROLE %I;', rolname) FROM pg_roles WHERE rolname !~ '^pg_' AND oid <> 10");
}

$node->stop;
done_testing();
