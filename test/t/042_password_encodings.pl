# A password has one hash whatever the encoding of the database, and of the client.
use strict;
use warnings;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = PostgreSQL::Test::Cluster->new('encodings');
$node->init(extra => ['--encoding=UTF8', '--locale=C']);
$node->append_conf('postgresql.conf', "fsync = off\nlog_statement = none\n");
$node->start;

for my $encoding ('UTF8', 'LATIN1', 'SQL_ASCII', 'WIN1252', 'EUC_JP', 'MULE_INTERNAL', 'KOI8R')
{
	$node->safe_psql('postgres', "CREATE DATABASE \"d_$encoding\" ENCODING '$encoding' LOCALE 'C' TEMPLATE template0");
	$node->safe_psql("d_$encoding", "CREATE EXTENSION userdir");
}

# ask sends bytes as they are, in a client encoding, and returns what came: a value, or the error.
sub ask
{
	my ($database, $client_encoding, $sql) = @_;
	local $ENV{PGCLIENTENCODING} = $client_encoding;
	my ($status, $out, $err) = $node->psql($database, "\\set VERBOSITY verbose\nSET userdir.password_memory = '7MB';\n$sql");
	return $out if $status == 0 && $err eq '';
	return $err =~ /ERROR:  (.*)/ ? $1 : $err;
}

# "pässwörd" as bytes, composed and decomposed; "пароль" and "パスワード".
my %bytes = (
	utf8        => "p\xc3\xa4ssw\xc3\xb6rd",
	decomposed  => "pa\xcc\x88sswo\xcc\x88rd",
	latin1      => "p\xe4ssw\xf6rd",
	cyrillic    => "\xd0\xbf\xd0\xb0\xd1\x80\xd0\xbe\xd0\xbb\xd1\x8c",
	koi8r       => "\xd0\xc1\xd2\xcf\xcc\xd8",
	japanese    => "\xe3\x83\x91\xe3\x82\xb9\xe3\x83\xaf\xe3\x83\xbc\xe3\x83\x89",
	euc_jp      => "\xa5\xd1\xa5\xb9\xa5\xef\xa1\xbc\xa5\xc9",
	half_width  => "\xef\xbe\x8a\xef\xbe\x9f\xef\xbd\xbd\xef\xbe\x9c\xef\xbd\xb0\xef\xbe\x84\xef\xbe\x9e",
);
my %hash = map { $_ => ask('d_UTF8', 'UTF8', "SELECT userdir._hash_password('$bytes{$_}')") } 'utf8', 'cyrillic', 'japanese';
like($hash{$_}, qr/^\$argon2id\$/, "$_ is hashed") for sort keys %hash;

sub verifies
{
	my ($database, $client_encoding, $password, $of, $name, $expected) = @_;
	is(ask($database, $client_encoding, "SELECT userdir._verify_password('$bytes{$password}', '$hash{$of}')"), $expected // 't', $name);
}

verifies('d_UTF8', 'UTF8', 'decomposed', 'utf8', 'UTF8, decomposed');
verifies('d_UTF8', 'LATIN1', 'latin1', 'utf8', 'UTF8 from a LATIN1 client');
verifies('d_LATIN1', 'LATIN1', 'latin1', 'utf8', 'LATIN1');
verifies('d_LATIN1', 'UTF8', 'utf8', 'utf8', 'LATIN1 from a UTF8 client');
verifies('d_WIN1252', 'WIN1252', 'latin1', 'utf8', 'WIN1252');
verifies('d_SQL_ASCII', 'SQL_ASCII', 'utf8', 'utf8', 'SQL_ASCII, the bytes of UTF-8');
verifies('d_SQL_ASCII', 'SQL_ASCII', 'decomposed', 'utf8', 'SQL_ASCII, decomposed');
verifies('d_SQL_ASCII', 'SQL_ASCII', 'japanese', 'japanese', 'SQL_ASCII, Japanese');
verifies('d_EUC_JP', 'EUC_JP', 'euc_jp', 'japanese', 'EUC_JP');
verifies('d_EUC_JP', 'UTF8', 'japanese', 'japanese', 'EUC_JP from a UTF8 client');
verifies('d_UTF8', 'EUC_JP', 'euc_jp', 'japanese', 'UTF8 from an EUC_JP client');
verifies('d_UTF8', 'UTF8', 'half_width', 'japanese', 'half-width forms are the same password');
verifies('d_KOI8R', 'KOI8R', 'koi8r', 'cyrillic', 'KOI8R');
verifies('d_KOI8R', 'UTF8', 'cyrillic', 'cyrillic', 'KOI8R from a UTF8 client');
verifies('d_KOI8R', 'UTF8', 'cyrillic', 'utf8', 'another password', 'f');

# A hash made anywhere verifies everywhere.
my $latin1 = ask('d_LATIN1', 'LATIN1', "SELECT userdir._hash_password('$bytes{latin1}')");
is(ask('d_UTF8', 'UTF8', "SELECT userdir._verify_password('$bytes{utf8}', '$latin1')"), 't', 'hashed in LATIN1, verified in UTF8');
my $ascii = ask('d_SQL_ASCII', 'SQL_ASCII', "SELECT userdir._hash_password('$bytes{decomposed}')");
is(ask('d_EUC_JP', 'UTF8', "SELECT userdir._verify_password('plain', '$ascii')"), 'f', 'hashed in SQL_ASCII, another password in EUC_JP');
is(ask('d_LATIN1', 'UTF8', "SELECT userdir._verify_password('$bytes{utf8}', '$ascii')"), 't', 'hashed in SQL_ASCII, verified in LATIN1');

# What is no text, with no byte of it in the message or the log.
my $start = -s $node->logfile;
is(ask('d_SQL_ASCII', 'SQL_ASCII', "SELECT userdir._hash_password('$bytes{latin1}')"), '22021: the secret has a character that is not valid in encoding "UTF8"', 'SQL_ASCII, bytes that are not UTF-8');
is(ask('d_SQL_ASCII', 'SQL_ASCII', "SELECT userdir._hash_password('a\xed\xa0\x80')"), '22021: the secret has a character that is not valid in encoding "UTF8"', 'SQL_ASCII, half of a surrogate pair');
is(ask('d_SQL_ASCII', 'SQL_ASCII', "SELECT userdir._hash_password('a\xc0\x80')"), '22021: the secret has a character that is not valid in encoding "UTF8"', 'SQL_ASCII, an overlong form');
is(ask('d_SQL_ASCII', 'SQL_ASCII', "SELECT userdir._hash_password('a\xf0\x9f')"), '22021: the secret has a character that is not valid in encoding "UTF8"', 'SQL_ASCII, cut in the middle of a character');
is(ask('d_WIN1252', 'WIN1252', "SELECT userdir._hash_password('p\x81q')"), '22021: the secret has a character that is not valid in encoding "WIN1252"', 'WIN1252, a byte that is no character');
is(ask('d_MULE_INTERNAL', 'MULE_INTERNAL', "SELECT userdir._hash_password('\x81\xe4')"), '0A000: a database in encoding "MULE_INTERNAL" cannot take secrets', 'MULE_INTERNAL');
is(ask('d_MULE_INTERNAL', 'MULE_INTERNAL', "SELECT userdir._verify_password('plain', userdir._hash_password('plain'))"), 't', 'MULE_INTERNAL, ASCII is the same everywhere');
my $log = substr(slurp_file($node->logfile), $start);
unlike($log, qr/\xe4ssw|\xed\xa0|\xc0\x80|\xf0\x9f|0x81|STATEMENT/, 'neither the log has them');

# The longest one, in bytes of UTF-8, where the database needs fewer.
is(ask('d_LATIN1', 'LATIN1', "SELECT length(userdir._hash_password(repeat('\xe4', 2048)))"), 96, 'LATIN1, 2048 characters of two bytes');
is(ask('d_LATIN1', 'LATIN1', "SELECT length(userdir._hash_password(repeat('\xe4', 2049)))"), '54000: the password is longer than 4096 bytes', 'LATIN1, one more');
is(ask('d_LATIN1', 'LATIN1', "SELECT length(userdir._hash_password(repeat('\xe4', 1000000)))"), '54000: the secret is longer than 131072 bytes', 'LATIN1, a million');
is(ask('d_SQL_ASCII', 'SQL_ASCII', "SELECT length(userdir._hash_password(repeat('\xc3\xa4', 500000)))"), '54000: the secret is longer than 131072 bytes', 'SQL_ASCII, a million bytes');

# Imported salts that are text are UTF-8 too.
my $salted = '{"algorithm": "md5", "hash": {"value": "00000000000000000000000000000000", "encoding": "hex"}, "salt": {"value": "@"}}';
is(ask('d_LATIN1', 'LATIN1', "SELECT userdir._import_password_hash('" . ($salted =~ s/@/\xe9/r) . "')"), '$digest-md5$w6k$AAAAAAAAAAAAAAAAAAAAAA', 'LATIN1, a salt as text');
is(ask('d_LATIN1', 'LATIN1', "SELECT userdir._import_password_text('md5\$\xe9\$00000000000000000000000000000000')"), '$digest-md5$w6k$AAAAAAAAAAAAAAAAAAAAAA', 'LATIN1, a salt of Django');

$node->stop;
done_testing();
