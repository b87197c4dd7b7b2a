# Folding and wildcard search in every kind of database: encodings of one byte and of several, none at
# all, the Turkish locale. Folding is compared with Perl's own table for every character.
use strict;
use warnings;
use Encode qw(decode encode);
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Unicode::UCD qw(casefold charprop);

my $node = PostgreSQL::Test::Cluster->new('encodings');
$node->init(extra => [ '--locale=C', '--encoding=UTF8' ]);
$node->append_conf('postgresql.conf', "fsync = off\nautovacuum = off");
$node->start;

# make_database creates a database with the extension in it.
sub make_database
{
	my ($name, $options) = @_;
	$node->safe_psql('postgres', "CREATE DATABASE $name TEMPLATE template0 $options");
	$node->safe_psql($name, 'CREATE EXTENSION userdir');
}

# fold_hex returns the hexadecimal digits of what folding makes of given bytes, whatever the encoding.
sub fold_hex
{
	my ($database, @hex) = @_;
	my $values = join ', ', map { "('$_')" } @hex;
	return split /\n/, $node->safe_psql($database,
		"SELECT encode(convert_to(userdir.fold_case(convert_from(decode(h, 'hex'), getdatabaseencoding())), getdatabaseencoding()), 'hex') FROM (VALUES $values) v (h)");
}

# simple_fold folds a string of Perl's by Perl's table.
sub simple_fold
{
	my ($string) = @_;
	return join '', map {
		my $folding = casefold(ord $_);
		$folding && $folding->{simple} ne '' ? chr hex $folding->{simple} : $_
	} split //, $string;
}

# Every character that Unicode 14 has, by Perl's table. Unicode 15.1 gave three of them a folding to
# another that looks the same.
make_database('utf8', "ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C'");
make_database('turkish', "ENCODING 'UTF8' LOCALE 'C' LOCALE_PROVIDER icu ICU_LOCALE 'tr-TR'");
{
	my @expected;
	my %folded_later = map { $_ => 1 } 0x1FD3, 0x1FE3, 0xFB05;
	for my $character (1 .. 0x10FFFF)
	{
		next if $folded_later{$character};
		my $folding = casefold($character) or next;
		next if $folding->{simple} eq '' || hex $folding->{simple} == $character;
		my ($age) = charprop($character, 'Age') =~ /V?(\d+)/;
		next if !defined $age || $age > 14;
		push @expected, $character . ':' . hex $folding->{simple};
	}
	cmp_ok(scalar @expected, '>', 1400, 'Perl knows the foldings of ' . @expected . ' characters');
	for my $database ('utf8', 'turkish')
	{
		my $found = $node->safe_psql($database,
			"SELECT i || ':' || ascii(userdir.fold_case(chr(i))) FROM generate_series(1, 1114111) i "
			  . "WHERE i NOT BETWEEN 55296 AND 57343 AND userdir.fold_case(chr(i)) <> chr(i) COLLATE \"C\" ORDER BY i");
		is($found, join("\n", @expected), "database $database folds as Perl does, and nothing else");
	}
	is($node->safe_psql('turkish', "SELECT userdir.fold_case('TITLE I'), lower('I'), userdir.fold_case('KIR' COLLATE \"tr-x-icu\")"),
		"title i|\x{c4}\x{b1}|kir", 'the Turkish locale has no say');
}

# Encodings of one byte: the folding that exists there, else the byte as it is.
for my $case ([ 'latin1', 'LATIN1', 'iso-8859-1' ], [ 'latin9', 'LATIN9', 'iso-8859-15' ], [ 'win1251', 'WIN1251', 'cp1251' ], [ 'greek', 'ISO_8859_7', 'iso-8859-7' ], [ 'koi8r', 'KOI8R', 'koi8-r' ])
{
	my ($database, $encoding, $perl_encoding) = @$case;
	make_database($database, "ENCODING '$encoding' LOCALE 'C'");
	my (@hex, @expected);
	for my $byte (1 .. 255)
	{
		my $character = decode($perl_encoding, chr $byte, sub { '' });
		next if length $character != 1 || $character eq "\x{FFFD}" || (ord $character >= 0x80 && ord $character < 0xA0);
		my $folded = simple_fold($character);
		my $there = encode($perl_encoding, $folded, sub { '' });
		push @hex, sprintf '%02x', $byte;
		push @expected, $there eq '' ? sprintf('%02x', $byte) : unpack 'H*', $there;
	}
	is_deeply([ fold_hex($database, @hex) ], \@expected, "$encoding: every byte");
	is_deeply([ fold_hex($database, @expected) ], \@expected, "$encoding: folding twice is folding once");
	cmp_ok(scalar(grep { $hex[$_] ne $expected[$_] } 0 .. $#hex), '>', 50, "$encoding: more folds than ASCII");
}

# Encodings of several bytes.
for my $case ([ 'euc_jp', 'EUC_JP', 'euc-jp' ], [ 'euc_kr', 'EUC_KR', 'euc-kr' ], [ 'euc_cn', 'EUC_CN', 'euc-cn' ])
{
	my ($database, $encoding, $perl_encoding) = @$case;
	make_database($database, "ENCODING '$encoding' LOCALE 'C'");
	my @texts = ("ABC abc", "\x{410}\x{411}\x{416} \x{430}", "\x{391}\x{3A3} \x{3C3}", "Z\x{FF21}\x{FF3A}\x{FF41}");
	my @hex = map { unpack 'H*', encode($perl_encoding, $_) } @texts;
	my @expected = map { unpack 'H*', encode($perl_encoding, simple_fold($_)) } @texts;
	is_deeply([ fold_hex($database, @hex) ], \@expected, "$encoding: ASCII, Cyrillic, Greek, full width");
}
make_database('mule', "ENCODING 'MULE_INTERNAL' LOCALE 'C'");
is(join(' ', fold_hex('mule', '4142', '418cce42')), '6162 618cce62', 'MULE_INTERNAL: what has no way to Unicode stays');

# What nobody knows the encoding of.
make_database('sql_ascii', "ENCODING 'SQL_ASCII' LOCALE 'C'");
is(join(' ', fold_hex('sql_ascii', '41c4c39c5a', 'ff80', 'e4')), '61c4c39c7a ff80 e4', 'SQL_ASCII: A to Z alone');

# Patterns: "?" is one character of the encoding, literals are found at characters only, and an index
# finds what a scan finds.
my %bytes = (
	utf8 => [ 'c3a4', 'c384', 'e4bda0', '6162' ],
	turkish => [ 'c4b1', 'c4b0', '49', '69' ],
	latin1 => [ 'e4', 'c4', 'ff', '6162' ],
	sql_ascii => [ 'e4', 'ff', 'c3a4', '61' ],
	euc_jp => [ 'a4a2', 'a4a4', 'a2a4', '61' ],
	euc_kr => [ 'b0a1', 'a1b0', 'b0b0', '61' ],
	mule => [ '8ce4', '81e4', '9aa0e0a1', '61' ]);
for my $database (sort keys %bytes)
{
	my $characters = join ', ', map { "convert_from(decode('$_', 'hex'), getdatabaseencoding())" } @{ $bytes{$database} };
	my $result = $node->safe_psql($database, <<"SQL");
		SET jit = off;
		CREATE TABLE letters AS SELECT ARRAY[$characters] AS l;
		CREATE TABLE words AS
		SELECT i AS id, (SELECT coalesce(string_agg(l[1 + (hashint4(i * 31 + j) & 3)], '' ORDER BY j), '') FROM letters, generate_series(1, i % 7) j) AS w FROM generate_series(1, 500) i;
		CREATE INDEX words_idx ON words USING gin (w userdir.text_wildcard_ops);
		CREATE TABLE patterns AS
		SELECT (SELECT coalesce(string_agg((l || ARRAY['*', '?'])[1 + (hashint4(i * 17 + j) & 2147483647) % 6], '' ORDER BY j), '') FROM letters, generate_series(1, i % 6) j) AS p FROM generate_series(1, 300) i;
		CREATE TABLE like_patterns AS SELECT p, replace(replace(p, '*', '%'), '?', '_') AS l FROM patterns;
		CREATE TABLE by_like AS SELECT l.p, w.id FROM words w JOIN like_patterns l ON w.w LIKE l.l ESCAPE '';
		CREATE TABLE by_scan AS SELECT p, id FROM words JOIN patterns ON w OPERATOR(userdir.=*) p;
		SET enable_seqscan = off;
		CREATE TABLE by_index AS SELECT p, id FROM patterns CROSS JOIN LATERAL (SELECT id FROM words WHERE w OPERATOR(userdir.=*) p OFFSET 0) found;
		SELECT (SELECT count(*) FROM by_scan) > 300, (SELECT count(*) FROM (SELECT * FROM by_index EXCEPT ALL SELECT * FROM by_scan) x), (SELECT count(*) FROM (SELECT * FROM by_scan EXCEPT ALL SELECT * FROM by_index) x),
		       (SELECT count(*) FROM (SELECT * FROM by_like EXCEPT ALL SELECT * FROM by_scan) x), (SELECT count(*) FROM (SELECT * FROM by_scan EXCEPT ALL SELECT * FROM by_like) x);
SQL
	is($result, 't|0|0|0|0', "database $database: index, scan and LIKE find the same");
	like($node->safe_psql($database, 'SET enable_seqscan = off; EXPLAIN SELECT id FROM words WHERE w OPERATOR(userdir.=*) (SELECT p FROM patterns LIMIT 1)'),
		qr/Bitmap Index Scan on words_idx/, "database $database: by the index");
	is($node->safe_psql($database, "SELECT count(*), count(*) FILTER (WHERE char_length(l) = 1 AND l OPERATOR(userdir.=*) '?') FROM (SELECT unnest(l) AS l FROM letters) x WHERE char_length(l) = 1"),
		join('|', ($node->safe_psql($database, "SELECT count(*) FROM (SELECT unnest(l) AS l FROM letters) x WHERE char_length(l) = 1")) x 2), "database $database: one character");
}

$node->stop;
done_testing();
