# Queries on rows find the same in databases of every encoding and locale: without an index, with trees,
# with patterns, and in memory.
use strict;
use warnings;
use utf8;
use Encode qw(encode);
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = PostgreSQL::Test::Cluster->new('locales');
$node->init(extra => [ '--locale=C', '--encoding=UTF8' ]);
$node->append_conf('postgresql.conf', "fsync = off\nautovacuum = off\njit = off");
$node->start;

# run runs statements in a database, sent and answered in UTF-8, and returns what they print.
sub run
{
	my ($database, $sql) = @_;
	return $node->safe_psql($database, encode('UTF-8', "SET client_encoding = 'UTF8'; SET search_path = public, userdir; $sql"));
}

sub literal
{
	my ($string) = @_;
	$string =~ s/'/''/g;
	return "'$string'";
}

# make_database creates a database with a table of one row for each name.
sub make_database
{
	my ($database, $options, @names) = @_;
	$node->safe_psql('postgres', "CREATE DATABASE $database TEMPLATE template0 $options");
	$node->safe_psql($database, 'CREATE EXTENSION userdir');
	run($database, 'CREATE TABLE people (id integer, name text, email text, username text, doc jsonb)');
	my $rows = join ', ', map { my $n = literal($names[$_]); "($_, $n, $n || '\@' || $n, $n, to_jsonb(ARRAY[$n]))" } 0 .. $#names;
	run($database, "INSERT INTO people VALUES $rows");
}

my %trees = (name => 'fold_case(name)', email => 'fold_case(email)', username => 'username');
my %indexes = (
	'no index' => [],
	'trees' => [ map { my $e = $trees{$_}; ("CREATE INDEX ON people (($e) COLLATE \"C\")", "CREATE INDEX ON people ((reverse($e)) COLLATE \"C\")") } sort keys %trees ],
	'patterns' => [ 'CREATE INDEX ON people USING gin (fold_case(name) text_wildcard_ops, fold_case(email) text_wildcard_ops, username text_wildcard_ops)', 'CREATE INDEX ON people USING gin (doc jsonb_query_ops)' ],
	'ordinary' => [ 'CREATE INDEX ON people (fold_case(name))', 'CREATE INDEX ON people (username)' ]);

# found returns what each query finds, as ids, by a condition.
sub found
{
	my ($database, @queries) = @_;
	return run($database, 'SET enable_seqscan = off;' . join ' ',
		map { my $q = literal($_); "SELECT string_agg(id::text, ' ' ORDER BY id) FROM people p WHERE p @@ $q;" } @queries);
}

# found_in_memory returns the same by evaluation of each row.
sub found_in_memory
{
	my ($database, @queries) = @_;
	return run($database, join ' ',
		map { my $q = literal($_); "SELECT string_agg(id::text, ' ' ORDER BY id) FROM people p WHERE _record_matches(p, $q);" } @queries);
}

# check compares a database, with all kinds of indexes, with what is expected.
sub check
{
	my ($database, $expected, @queries) = @_;
	is(found_in_memory($database, @queries), $expected, "$database: in memory");
	for my $kind (sort keys %indexes)
	{
		run($database, "DO \$\$ DECLARE i regclass; BEGIN FOR i IN SELECT indexrelid FROM pg_index WHERE indrelid = 'people'::regclass LOOP EXECUTE 'DROP INDEX ' || i; END LOOP; END \$\$");
		run($database, "$_;") for @{ $indexes{$kind} };
		is(found($database, @queries), $expected, "$database: $kind");
	}
}

# queries_for makes queries of every class of a name.
sub queries_for
{
	my ($name) = @_;
	my ($escaped, $middle) = map { s/([-+&|!(){}\[\]^"~*?:\\\/ ])/\\$1/gr } $name, substr $name, length($name) / 2;
	my @values = (qq("$name"), "$escaped*", "*$escaped", "*$escaped*", "$escaped?*", qq(["$name" TO *]), qq({"$name" TO "${name}zz"]), "$escaped*$middle");
	return ((map { my $v = $_; map { "$_:$v" } 'name', 'username', 'email', 'email.domain', 'doc' } grep { !/^[\[{]/ } @values),
		(map { my $v = $_; map { "$_:$v" } 'name', 'username', 'email', 'email.domain' } grep { /^[\[{]/ } @values), "NOT name:$escaped", $escaped);
}

# What every encoding with these characters must agree on. The answers themselves are those of Perl.
my @latin = ('Title', 'TITLE', 'title', 'É', 'é', 'école', 'ÉCOLE', 'ecole', 'straße', 'STRASSE', 'ÿ', 'þÿ', 'Þÿ', 'ÿz', 'a', 'b', 'a~', "a\x{7f}", 'aà', 'a b', 'A"b', "i\\i", 'Ii', 'z');
my @latin_queries = map { queries_for($_) } 'Title', 'é', 'ÉCOLE', 'straße', 'ÿ', 'þÿ', 'a', 'a~', 'ii', 'z';
my @databases = (
	[ 'c', "ENCODING 'UTF8' LOCALE 'C'" ], [ 'latin1', "ENCODING 'LATIN1' LOCALE 'C'" ], [ 'win1252', "ENCODING 'WIN1252' LOCALE 'C'" ],
	[ 'english', "ENCODING 'UTF8' LOCALE 'C' LOCALE_PROVIDER icu ICU_LOCALE 'en-US'" ], [ 'turkish', "ENCODING 'UTF8' LOCALE 'C' LOCALE_PROVIDER icu ICU_LOCALE 'tr-TR'" ]);
my ($libc_turkish) = grep { /^tr_TR\.utf-?8$/i } split /\n/, `locale -a`;
if ($libc_turkish)
{
	push @databases, [ 'turkish_libc', "ENCODING 'UTF8' LOCALE '$libc_turkish'" ];
}
else
{
	diag('the system has no locale tr_TR.UTF-8; the ICU one stands for it');
}

# expected_of returns what Perl finds for the plain classes, to know that the first database is right.
sub expected_of
{
	my ($folds, $test, @names) = @_;
	return join ' ', grep { $test->($folds ? lc $names[$_] : $names[$_]) } 0 .. $#names;
}
make_database('c_perl', "ENCODING 'UTF8' LOCALE 'C'", @latin);
for my $name ('Title', 'é', 'ÉCOLE', 'ÿ', 'a', 'ii')
{
	my $folded = lc $name;
	my $q = quotemeta $folded;
	is(found('c_perl', qq(name:"$name"), "name:$name*", "name:*$name", "name:*$name*", qq(name:["$name" TO *]), qq(username:"$name"), "username:$name*"),
		join("\n", (map { my $t = $_; expected_of(1, $t, @latin) } sub { $_[0] eq $folded }, sub { $_[0] =~ /^$q/ }, sub { $_[0] =~ /$q$/ }, sub { $_[0] =~ /$q/ }, sub { $_[0] ge $folded }),
			expected_of(0, sub { $_[0] eq $name }, @latin), expected_of(0, sub { index($_[0], $name) == 0 }, @latin)),
		encode('UTF-8', "as Perl finds $name"));
}

my $expected = found_in_memory('c_perl', @latin_queries);
cmp_ok(scalar(grep { length } split /\n/, $expected), '>', 200, 'the queries find something');
for my $database (@databases)
{
	make_database($database->[0], $database->[1], @latin);
	# The order of bytes is not that of the other encodings' code points, except in LATIN1, whose are the same.
	my @queries = $database->[0] eq 'win1252' ? grep { !/[\[{]/ } @latin_queries : @latin_queries;
	check($database->[0], $database->[0] eq 'win1252' ? found_in_memory('c_perl', @queries) : $expected, @queries);
}

# Beyond LATIN1: letters that fold apart from others, and the edges of the order of characters.
my @unicode = ('İstanbul', 'istanbul', 'ISTANBUL', 'ısı', 'ISI', 'Σίσυφος', 'ΣΊΣΥΦΟΣ', 'σίσυφοσ', "x\x{7f}", "x\x{80}", "x\x{d7ff}", "x\x{e000}", "x\x{ffff}", "x\x{10ffff}", "x\x{10ffff}y", 'x', 'y', "\x{10ffff}", '日本', '日本語', '本日');
my @unicode_queries = map { queries_for($_) } 'istanbul', 'ısı', 'ΣΊΣΥΦΟΣ', "x\x{7f}", "x\x{d7ff}", "x\x{10ffff}", "\x{10ffff}", 'x', '日本', 'I';
make_database('u_c', "ENCODING 'UTF8' LOCALE 'C'", @unicode);
my $unicode_expected = found_in_memory('u_c', @unicode_queries);
is(found('u_c', "name:x\x{d7ff}*", "name:x\x{7f}*", "name:\x{10ffff}*", 'name:ISTANBUL', 'name:istanbul', 'name:σίσυφος', 'name:日*', 'name:*日'), "10\n8\n17\n1 2\n1 2\n5 6 7\n18 19\n20", 'edges of ranges, and Turkish letters');
check('u_c', $unicode_expected, @unicode_queries);
for my $database ([ 'u_english', "ENCODING 'UTF8' LOCALE 'C' LOCALE_PROVIDER icu ICU_LOCALE 'en-US'" ], [ 'u_turkish', "ENCODING 'UTF8' LOCALE 'C' LOCALE_PROVIDER icu ICU_LOCALE 'tr-TR'" ])
{
	make_database(@$database, @unicode);
	check($database->[0], $unicode_expected, @unicode_queries);
}

# Encodings of several bytes that are not UTF-8: bytes of one character may look like another's.
my @japanese = ('日本', '日本語', '本日', '東京', '京', 'あいう', 'いう', 'a', 'あa', 'aあ', 'ABC', 'abc', 'ロシア Ж', 'ロシア ж');
my @japanese_queries = grep { !/[\[{]/ } map { queries_for($_) } '日本', '本', 'い', 'a', 'あ', 'ABC', 'ж';
make_database('j_utf8', "ENCODING 'UTF8' LOCALE 'C'", @japanese);
make_database('j_euc', "ENCODING 'EUC_JP' LOCALE 'C'", @japanese);
check('j_euc', found_in_memory('j_utf8', @japanese_queries), @japanese_queries);

# No encoding: bytes, of which only those of ASCII fold.
$node->safe_psql('postgres', "CREATE DATABASE bytes TEMPLATE template0 ENCODING 'SQL_ASCII' LOCALE 'C'");
$node->safe_psql('bytes', 'CREATE EXTENSION userdir');
$node->safe_psql('bytes', "CREATE TABLE people (id integer, name text, email text, username text, doc jsonb);"
	  . "INSERT INTO people (id, name) VALUES (0, E'\\xff\\xfe'), (1, E'\\xff'), (2, E'\\xff\\xffA'), (3, E'a\\x80'), (4, E'a\\xbf'), (5, 'b')");
is($node->safe_psql('bytes', "SET search_path = public, userdir; SELECT string_agg(id::text, ' ' ORDER BY id) FROM people p WHERE p @@ E'name:\\xff*'; SELECT string_agg(id::text, ' ' ORDER BY id) FROM people p WHERE p @@ E'name:a*';"
	  . "SELECT string_agg(id::text, ' ' ORDER BY id) FROM people p WHERE p @@ E'name:*\\xffa'; SELECT string_agg(id::text, ' ' ORDER BY id) FROM people p WHERE p @@ E'name:A\\xbf'"),
	"0 1 2\n3 4\n2\n4", 'bytes without an encoding');

# A collation for which different texts are equal has no say, not even by its index.
run('english', "CREATE COLLATION loose (provider = icu, locale = 'und-u-ks-level1', deterministic = false); CREATE TABLE tags (id integer, tag text COLLATE loose, tags text[] COLLATE loose);"
	  . "INSERT INTO tags VALUES (1, 'resume', '{resume}'), (2, 'résumé', '{résumé}'), (3, 'RESUME', '{RESUME}'); CREATE INDEX ON tags (tag);");
is(run('english', "SET enable_seqscan = off; SELECT string_agg(id::text, ' ') FROM tags t WHERE t @@ 'tag:resume'; SELECT string_agg(id::text, ' ') FROM tags t WHERE t @@ 'tags:resume';"
	  . "SELECT string_agg(id::text, ' ' ORDER BY id) FROM tags t WHERE t @@ 'tag:*s*'; SELECT string_agg(id::text, ' ' ORDER BY id) FROM tags t WHERE NOT t @@ 'tag:(resume OR RESUME)'"), "1\n1\n1 2\n2", 'a loose collation');

done_testing();
