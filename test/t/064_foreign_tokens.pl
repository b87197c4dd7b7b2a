# Tokens of other issuers: what verify_foreign_token() takes and refuses, and libjwt beside it.
#
# Keys and tokens are made with the openssl command (TokenMaker.pm), so that nothing of userdir's is
# on both sides. libjwt_alone.c shows that libjwt by itself takes the tokens that must be refused.
use strict;
use warnings;
use IPC::Run ();
use JSON::PP qw(decode_json);
use MIME::Base64 qw(decode_base64url);
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use TokenMaker;
use UserdirTest;

my $config = $ENV{PG_CONFIG} || 'pg_config';
my $libdir = `$config --pkglibdir` =~ s/\n//r;
my $alone  = PostgreSQL::Test::Utils::tempdir() . '/libjwt_alone';

sub run_command
{
	my (@command) = @_;
	my ($output, $errors) = ('', '');
	IPC::Run::run(\@command, '<', \undef, '>', \$output, '2>', \$errors) or die "@command: $errors";
	return $output;
}

# The server is linked to neither libjwt nor libjansson, which would call its json_object().
{
	my $main  = run_command('readelf', '-d', "$libdir/userdir.so");
	my $judge = run_command('readelf', '-d', "$libdir/userdir_jwt.so");
	unlike($main, qr/NEEDED.*(?:jwt|jansson)/, 'userdir is not linked to libjwt or libjansson');
	like($judge, qr/NEEDED.*libjwt/, 'userdir_jwt is linked to libjwt');
	is(run_command('nm', '-D', '--defined-only', "$libdir/userdir_jwt.so") =~ s/^\S+ //r, "T ud_judge_token\n", 'userdir_jwt exports one function');
	unlike(run_command('nm', '-D', '--undefined-only', "$libdir/userdir_jwt.so"), qr/palloc|errstart|json_object/, 'userdir_jwt calls nothing of the server');
}

run_command('gcc', '-std=gnu99', '-Wall', '-Wextra', '-Werror', '-o', $alone, root_file('t/libjwt_alone.c'), '-ljwt', '-ldl');

# libjwt_says returns the answers of libjwt_alone to lines of fields.
sub libjwt_says
{
	my $input = join '', map { join("\t", @$_) . "\n" } @_;
	my ($output, $errors);
	IPC::Run::run([ $alone, "$libdir/userdir_jwt.so" ], '<', \$input, '>', \$output, '2>', \$errors) or die "libjwt_alone: $errors";
	return split /\n/, $output;
}

sub public_file
{
	my ($key) = @_;
	my $name = "$key->{file}.pub";
	append_to_file($name, $key->{public}) unless -e $name;
	return $name;
}

my $node = new_server('foreign');
$node->safe_psql('postgres', 'CREATE EXTENSION userdir; SELECT userdir.install();');

# sql_text quotes a text.
sub sql_text
{
	my ($text) = @_;
	return 'NULL' unless defined $text;
	return "'" . ($text =~ s/'/''/gr) . "'";
}

# connect_issuer makes a connection and gives it keys.
sub connect_issuer
{
	my ($name, $strategy, $options, @jwks) = @_;
	$node->safe_psql('postgres', sprintf 'SELECT userdir.create_connection(%s, %s, %s); SELECT userdir.set_connection_jwks(%s, %s)',
		map { sql_text($_) } $name, $strategy, json_of($options), $name, jwks_of(@jwks));
	return;
}


# verdicts_on verifies [connection, token, nonce, leeway] each and returns "ok" and the sub, or the
# SQLSTATE and the message.
sub verdicts_on
{
	my $script = <<'SQL' . join '', map { sprintf "SELECT pg_temp.verdict(%s);\n", join ', ', map { sql_text($_) } @$_[0 .. 3] } @_;
CREATE FUNCTION pg_temp.verdict(connection text, token text, nonce text, leeway interval) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
  RETURN 'ok ' || (userdir.verify_foreign_token(connection, token, nonce, coalesce(leeway, '60 s')) ->> 'sub');
EXCEPTION WHEN OTHERS THEN
  RETURN sqlstate || ': ' || sqlerrm;
END $$;
SQL
	return split /\n/, $node->safe_psql('postgres', $script);
}

# check_verdicts holds [name, what is expected, arguments of verdicts_on] against what comes out.
sub check_verdicts
{
	my @cases    = @_;
	my @verdicts = verdicts_on(map { [ @$_[2 .. $#$_] ] } @cases);
	is(scalar @verdicts, scalar @cases, 'a verdict for each');
	like($verdicts[$_], qr/^$cases[$_][1]/, $cases[$_][0]) for 0 .. $#cases;
	return;
}

my %key = map { $_ => make_key($_, "kid-$_") } qw(RSA-2048 RSA-3072 P-256 P-384 P-521 Ed25519);
my %stranger = map { $_ => make_key($_, "kid-$_") } qw(RSA-2048 P-256 Ed25519 secp256k1);
my $now = time;
my %claims = (iss => 'https://idp.example.com', aud => 'app', sub => 'jane', exp => $now + 3600, iat => $now - 5);
my %options = (issuer => 'https://idp.example.com', client_id => 'app');

# claims_with returns the claims with others in their place; undef removes one.
sub claims_with
{
	my %all = (%claims, @_);
	return { map { defined $all{$_} ? ($_ => $all{$_}) : () } keys %all };
}

# signed signs claims as the issuer does; further arguments go into the header.
sub signed
{
	my ($kind, $algorithm, $claims, %header) = @_;
	return make_token({ alg => $algorithm, kid => $key{$kind}{kid}, %header }, $claims, $algorithm, $key{$kind});
}

# Two connections of one issuer: one whose keys say their algorithm or mean the usual one, and one
# whose options let an RSA key do more.
connect_issuer('corp', 'oidc', \%options, map { jwk_of($key{$_}) } keys %key);
connect_issuer('many', 'oidc', { %options, id_token_signed_response_algs => [qw(RS256 RS384 RS512 PS256 PS384 PS512 ES256)] }, map { jwk_of($key{$_}) } keys %key);

# Every algorithm, with the right key, another one, and another text.
{
	my @cases;
	for my $kind (sort keys %key)
	{
		for my $algorithm (algorithms_of($key{$kind}))
		{
			my $token = signed($kind, $algorithm, \%claims);
			my ($input, $signature) = $token =~ /^(.*)\.([^.]*)$/;
			my $other = claims_with(sub => 'john');
			my (undef, $payload) = split /\./, make_token({}, $other, 'HS256', 'x');
			my ($header) = split /\./, $token;
			my $bits = decode_base64url($signature);
			my $where = $algorithm eq 'RS256' || $algorithm =~ /^[EP]/ && $algorithm !~ /^PS/ ? 'corp' : 'many';

			push @cases, ["$kind $algorithm", 'ok jane', $where, $token],
			  ["$kind $algorithm: another text",       'UD041: ', $where, "$header.$payload.$signature"],
			  ["$kind $algorithm: a bit of the signature", 'UD041: ', $where, "$input." . encode_base64url($bits ^ ("\0" x (length($bits) - 1) . "\x01"))],
			  ["$kind $algorithm: a bit at the beginning", 'UD041: ', $where, "$input." . encode_base64url($bits ^ ("\x01" . "\0" x (length($bits) - 1)))],
			  ["$kind $algorithm: a byte less",        'UD04[01]: ', $where, "$input." . encode_base64url(substr $bits, 0, -1)],
			  ["$kind $algorithm: a byte more",        'UD04[01]: ', $where, "$input." . encode_base64url("$bits\0")],
			  ["$kind $algorithm: a leading zero",     'UD04[01]: ', $where, "$input." . encode_base64url("\0$bits")],
			  ["$kind $algorithm: zeros",              'UD041: ', $where, "$input." . encode_base64url("\0" x length $bits)],
			  ["$kind $algorithm: no signature",       'UD04[018]: ', $where, "$input."];
		}
	}
	check_verdicts(@cases);
}

# A signature by a key of the same kind that is not the issuer's.
check_verdicts(map {
	my ($algorithm) = algorithms_of($key{$_});
	["$_: a key of somebody else", 'UD041: ', 'corp',
		make_token({ alg => $algorithm, kid => $key{$_}{kid} }, \%claims, $algorithm, $stranger{$_})]
} qw(RSA-2048 P-256 Ed25519));

# An algorithm that the key or the connection is not for.
check_verdicts(
	['RS384 where nothing names it',   'UD048: ', 'corp', signed('RSA-2048', 'RS384', \%claims)],
	['PS256 where nothing names it',   'UD048: ', 'corp', signed('RSA-2048', 'PS256', \%claims)],
	['ES384 where the options leave it out', 'UD048: ', 'many', signed('P-384', 'ES384', \%claims)],
	['EdDSA where the options leave it out', 'UD048: ', 'many', signed('Ed25519', 'EdDSA', \%claims)],
	['the kid of a key of another kind', 'UD048: ', 'corp', make_token({ alg => 'RS256', kid => $key{'P-256'}{kid} }, \%claims, 'RS256', $key{'RSA-2048'})],
	['the kid of another key of the kind', 'UD041: ', 'corp', make_token({ alg => 'RS256', kid => $key{'RSA-3072'}{kid} }, \%claims, 'RS256', $key{'RSA-2048'})],
	['an unknown kid',                 'UD049: ', 'corp', signed('RSA-2048', 'RS256', \%claims, kid => 'unknown')],
	['no kid where there are several keys', 'UD049: ', 'corp', make_token({ alg => 'RS256' }, \%claims, 'RS256', $key{'RSA-2048'})],
	['a kid that is a number',         'UD040: ', 'corp', signed('RSA-2048', 'RS256', \%claims, kid => 1)],
	['ES256K',                         'UD04[089]: ', 'corp', make_token({ alg => 'ES256K', kid => 'kid-P-256' }, \%claims, 'ES256', $key{'P-256'})],
	['an algorithm in small letters',  'UD04[08]: ', 'corp', make_token({ alg => 'rs256', kid => 'kid-RSA-2048' }, \%claims, 'RS256', $key{'RSA-2048'})],
);

# The traps of libjwt: it takes each of these tokens by itself.
{
	my $rsa    = $key{'RSA-2048'};
	my $header = { alg => 'RS256', kid => $rsa->{kid} };
	my $good   = signed('RSA-2048', 'RS256', \%claims);
	my $ec     = signed('P-256', 'ES256', \%claims);
	my $none   = join('.', map { encode_base64url(json_of($_)) } { alg => 'none', kid => $rsa->{kid} }, \%claims) . '.';
	my $k      = $stranger{secp256k1};
	my @traps  = (
		# name, what userdir says, the key that libjwt gets, what it says, the token
		['the public key as the secret of an HMAC', 'UD048: ', $rsa, 'HS256', make_token({ alg => 'HS256', kid => $rsa->{kid} }, \%claims, 'HS256', $rsa->{public})],
		['no algorithm and no key',      'UD040: ', undef, 'none', $none],
		['a signature and no key',       'UD041: ', undef, '\w+', $good =~ s/[^.]+$/AAAA/r],
		['junk in an RSA signature',     'UD040: ', $rsa, 'RS256', $good =~ s/(.{5})$/!!$1/r],
		['padding inside of a signature', 'UD040: ', $rsa, 'RS256', $good =~ s/(.{5})$/==$1/r],
		['junk in an ECDSA signature',   'UD040: ', $key{'P-256'}, 'ES256', $ec =~ s/(.{5})$/!!$1/r],
		['another curve than the algorithm says', 'UD048: ', $key{'P-384'}, 'ES256', make_token({ alg => 'ES256', kid => 'kid-P-384' }, \%claims, 'ES256', $key{'P-384'})],
		['expired',                      'UD042: ', $rsa, 'RS256', make_token($header, claims_with(exp => $now - 100), 'RS256', $rsa)],
		['not valid yet',                'UD043: ', $rsa, 'RS256', make_token($header, claims_with(nbf => $now + 100), 'RS256', $rsa)],
		['another issuer',               'UD044: ', $rsa, 'RS256', make_token($header, claims_with(iss => 'https://evil.example.com'), 'RS256', $rsa)],
		['another audience',             'UD045: ', $rsa, 'RS256', make_token($header, claims_with(aud => 'other'), 'RS256', $rsa)],
		['critical extensions',          'UD047: ', $rsa, 'RS256', make_token({ %$header, crit => ['exp'] }, \%claims, 'RS256', $rsa)],
		['claims that are an array',     'UD040: ', $rsa, 'RS256', make_token($header, '[1]', 'RS256', $rsa)],
		['none, and something for a signature', 'UD048: ', undef, 'none', $none . 'AAAA'],
	);
	my @said = libjwt_says(map { [ 'decode', $_->[2] ? public_file($_->[2]) : '', $_->[4] ] } @traps);
	like($said[$_], qr/^$traps[$_][3]$/, "libjwt alone takes it: $traps[$_][0]") for 0 .. $#traps;
	check_verdicts(map { [ $_->[0], $_->[1], 'corp', $_->[4] ] } @traps);

	is_deeply([ libjwt_says([ 'decode', public_file($k), make_token({ alg => 'ES256' }, \%claims, 'ES256', $k) ]) ], ['ES256'], 'libjwt alone takes a curve that ES256 does not have');

	# It would copy twenty megabytes to the stack. The library does not show it to libjwt, and nor does userdir.
	my $long = make_token($header, claims_with(text => 'x' x 20_000_000), 'RS256', $rsa);
	is_deeply([ libjwt_says([ 'judge', 'RS256', public_file($rsa), $long ]) ], [3], 'userdir_jwt refuses a long token');
	check_verdicts([ 'twenty megabytes', '54000: ', 'corp', $long ]);

	# It writes numbers anew; the claims that are returned are not what it wrote.
	my $numbers = make_token($header, '{"iss":"https://idp.example.com","aud":"app","sub":"jane","exp":4102444800,"iat":1,"n":1.1,"m":9007199254740993}', 'RS256', $rsa);
	is($node->safe_psql('postgres', "SELECT c ->> 'n', c ->> 'm' FROM userdir.verify_foreign_token('corp', '$numbers') c"), '1.1|9007199254740993', 'numbers are as the issuer wrote them');
}

# userdir_jwt by itself binds the algorithm, and never goes without a key.
{
	my $rsa   = $key{'RSA-2048'};
	my $token = signed('RSA-2048', 'RS256', \%claims);
	my $mac   = make_token({ alg => 'HS256' }, \%claims, 'HS256', $rsa->{public});
	my @asked = (
		[ 0, 'RS256', $rsa,  $token,        'a right signature' ],
		[ 1, 'RS384', $rsa,  $token,        'another algorithm than was asked for' ],
		[ 1, 'RS256', $rsa,  $mac,          'an HMAC' ],
		[ 4, 'HS256', $rsa,  $mac,          'an HMAC that is asked for' ],
		[ 4, 'none',  $rsa,  $token,        'none' ],
		[ 4, 'PS256', $rsa,  $token,        'an algorithm that not every libjwt knows' ],
		[ 1, 'RS256', undef, $token,        'no key' ],
		[ 1, 'RS256', $stranger{'RSA-2048'}, $token, 'another key' ],
		[ 1, 'ES256', $rsa,  $token,        'a key of another kind' ],
		[ 2, 'RS256', $rsa,  'x',           'no token' ],
		[ 2, 'RS256', $rsa,  '..',          'nothing but points' ],
	);
	my @answers = libjwt_says(map { [ 'judge', $_->[1], $_->[2] ? public_file($_->[2]) : '', $_->[3] ] } @asked);
	is($answers[$_], $asked[$_][0], "userdir_jwt: $asked[$_][4]") for 0 .. $#asked;
}

# Forms that are none.
{
	my $good = signed('RSA-2048', 'RS256', \%claims);
	my ($header, $payload, $signature) = split /\./, $good;
	my $rsa   = $key{'RSA-2048'};
	my $crude = sub { make_token($_[0], $_[1] // \%claims, 'RS256', $rsa) };
	my $last  = substr $signature, -1;
	my @forms = (
		['nothing', ''], ['a word', 'x'], ['points', '..'], ['two parts', "$header.$payload"], ['four parts', "$good."],
		['five parts, encrypted', "$good.x.y"], ['an empty header', ".$payload.$signature"], ['an empty payload', "$header..$signature"],
		['a blank at the end', "$good "], ['a newline at the end', "$good\n"], ['a blank before', " $good"], ['padding', "$good=="],
		['the other alphabet', $good =~ tr{-_}{+/}r . '+'],
		['a header that is no JSON', $crude->('x')], ['a header that is an array', $crude->('["RS256"]')], ['a header that is a string', $crude->('"RS256"')],
		['a header with two algorithms', $crude->('{"alg":"RS256","kid":"kid-RSA-2048","alg":"HS256"}')],
		['a header with one algorithm twice', $crude->('{"alg":"RS256","kid":"kid-RSA-2048","alg":"RS256"}')],
		['no algorithm', $crude->('{"kid":"kid-RSA-2048"}')], ['an algorithm that is null', $crude->('{"alg":null,"kid":"kid-RSA-2048"}')],
		['an algorithm in a list', $crude->('{"alg":["RS256"],"kid":"kid-RSA-2048"}')],
		['text behind the header', $crude->('{"alg":"RS256","kid":"kid-RSA-2048"}x')],
		['claims twice', $crude->({ alg => 'RS256', kid => $rsa->{kid} }, json_of(\%claims) =~ s/\}$/,"sub":"john"}/r)],
		['claims that are no JSON', $crude->({ alg => 'RS256', kid => $rsa->{kid} }, '{')],
		['claims that are a string', $crude->({ alg => 'RS256', kid => $rsa->{kid} }, '"x"')],
		['claims with a byte that is no UTF-8', $crude->({ alg => 'RS256', kid => $rsa->{kid} }, json_of(\%claims) =~ s/jane/jan\xff/r)],
		['claims with a zero character', $crude->({ alg => 'RS256', kid => $rsa->{kid} }, json_of(\%claims) =~ s/jane/jane\\u0000x/r)],
		['deep claims', $crude->({ alg => 'RS256', kid => $rsa->{kid} }, json_of(\%claims) =~ s/\}$/',"d":' . '[' x 1000 . ']' x 1000 . '}'/er)],
		['a token in a token', $crude->({ alg => 'RS256', kid => $rsa->{kid}, cty => 'JWT' }, $good)],
	);
	check_verdicts(map { [ $_->[0], 'UD04[08]: ', 'corp', $_->[1] ] } @forms);

	# The last character of base64url has bits that stand for nothing; only zeros will do.
	my @alphabet = ('A' .. 'Z', 'a' .. 'z', 0 .. 9, '-', '_');
	my ($index) = grep { $alphabet[$_] eq $last } 0 .. 63;
	check_verdicts([ 'another spelling of the same signature', 'UD040: ', 'corp', $good =~ s/.$/$alphabet[$index ^ 1]/r ]);
}

# What an issuer may leave out or write differently.
check_verdicts(
	['an access token',      'UD046: ', 'corp', signed('RSA-2048', 'RS256', \%claims, typ => 'at+jwt')],
	['a token of a logout',  'UD046: ', 'corp', signed('P-256', 'ES256', \%claims, typ => 'logout+jwt')],
	['typ in small letters', 'ok jane', 'corp', signed('RSA-2048', 'RS256', \%claims, typ => 'jwt')],
	['typ JWT',              'ok jane', 'corp', signed('P-256', 'ES256', \%claims, typ => 'JWT')],
	['a key in the header', 'UD049: ', 'corp',
		make_token({ alg => 'RS256', kid => 'kid-RSA-2048', jwk => jwk_of($stranger{'RSA-2048'}), jku => 'https://evil.example.com/jwks' }, \%claims, 'RS256', $stranger{'RSA-2048'})],
	['an audience in a list', 'ok jane', 'corp', signed('P-256', 'ES256', claims_with(aud => ['app']))],
	['several audiences and no azp', 'UD045: ', 'corp', signed('P-256', 'ES256', claims_with(aud => ['app', 'other']))],
	['several audiences and our azp', 'ok jane', 'corp', signed('P-256', 'ES256', claims_with(aud => ['app', 'other'], azp => 'app'))],
	['several audiences and their azp', 'UD045: ', 'corp', signed('P-256', 'ES256', claims_with(aud => ['app', 'other'], azp => 'other'))],
	['no audience',          'UD040: ', 'corp', signed('P-256', 'ES256', claims_with(aud => undef))],
	['an empty list',        'UD040: ', 'corp', signed('P-256', 'ES256', claims_with(aud => []))],
	['an audience that is an object', 'UD040: ', 'corp', signed('P-256', 'ES256', claims_with(aud => { app => 1 }))],
	['a list with a number', 'UD040: ', 'corp', signed('P-256', 'ES256', claims_with(aud => [ 'app', 1 ]))],
	['no issuer',            'UD040: ', 'corp', signed('P-256', 'ES256', claims_with(iss => undef))],
	['an issuer with a slash', 'UD044: ', 'corp', signed('P-256', 'ES256', claims_with(iss => 'https://idp.example.com/'))],
	['an issuer that is a list', 'UD040: ', 'corp', signed('P-256', 'ES256', claims_with(iss => ['https://idp.example.com']))],
	['no sub',               'UD040: ', 'corp', signed('P-256', 'ES256', claims_with(sub => undef))],
	['an empty sub',         'UD040: ', 'corp', signed('P-256', 'ES256', claims_with(sub => ''))],
	['no exp',               'UD040: ', 'corp', signed('P-256', 'ES256', claims_with(exp => undef))],
	['an exp that is a string', 'UD040: ', 'corp', signed('P-256', 'ES256', claims_with(exp => '4102444800'))],
	['an exp of long ago',   'UD042: ', 'corp', signed('P-256', 'ES256', claims_with(exp => -1))],
	['no iat',               'UD040: ', 'corp', signed('P-256', 'ES256', claims_with(iat => undef))],
	['an iat of tomorrow',   'UD043: ', 'corp', signed('P-256', 'ES256', claims_with(iat => $now + 86400))],
	['an nbf that is a string', 'UD040: ', 'corp', signed('P-256', 'ES256', claims_with(nbf => 'x'))],
	['expired within the leeway', 'ok jane', 'corp', signed('P-256', 'ES256', claims_with(exp => $now - 10))],
	['expired without leeway', 'UD042: ', 'corp', signed('P-256', 'ES256', claims_with(exp => $now - 10)), undef, '0'],
	['much leeway',          'ok jane', 'corp', signed('P-256', 'ES256', claims_with(exp => $now - 500)), undef, '10 minutes'],
	['too much leeway',      '22023: ', 'corp', signed('P-256', 'ES256', \%claims), undef, '11 minutes'],
	['the nonce',            'ok jane', 'corp', signed('P-256', 'ES256', claims_with(nonce => 'n-1')), 'n-1'],
	['another nonce',        'UD04C: ', 'corp', signed('P-256', 'ES256', claims_with(nonce => 'n-1')), 'n-2'],
	['no nonce',             'UD04C: ', 'corp', signed('P-256', 'ES256', \%claims), 'n-1'],
	['a nonce that is not asked for', 'ok jane', 'corp', signed('P-256', 'ES256', claims_with(nonce => 'n-1'))],
	['a nonce that is a number', 'UD04C: ', 'corp', signed('P-256', 'ES256', claims_with(nonce => 1)), '1'],
	['an unknown connection', 'UD008: ', 'nowhere', signed('P-256', 'ES256', \%claims)],
	['no token',              'UD040: ', 'corp', undef],
);

# libjwt signs, userdir verifies.
{
	my @asked = map { my $kind = $_; map { [ $kind, $_ ] } grep { !/^PS|EdDSA/ } algorithms_of($key{$kind}) } sort keys %key;
	my @tokens = libjwt_says(map { [ 'encode', $_->[1], $key{ $_->[0] }{file}, json_of(\%claims) ] } @asked);
	for my $kind (sort keys %key)
	{
		next if $kind eq 'Ed25519';
		connect_issuer("only-$kind", 'oidc', { %options, id_token_signed_response_algs => [ algorithms_of($key{$kind}) ] }, jwk_of($key{$kind}, kid => undef));
	}
	check_verdicts(map { [ "$asked[$_][0] $asked[$_][1] by libjwt, and a key without kid", 'ok jane', "only-$asked[$_][0]", $tokens[$_] ] } 0 .. $#asked);
}

# What userdir signs, libjwt takes, and so does the other way of verifying; what was changed, neither does.
{
	my @algorithms = qw(RS256 RS384 RS512 PS256 PS384 PS512 ES256 ES384 ES512 EdDSA);
	$node->safe_psql('postgres', join ' ', map { "SELECT userdir.create_signing_key('$_');" } @algorithms);
	$node->safe_psql('postgres', sprintf 'SELECT userdir.create_connection(%s, %s, %s); SELECT userdir.set_connection_jwks(%s, userdir.jwks());',
		map({ sql_text($_) } 'own', 'oidc', json_of({ %options, id_token_signed_response_algs => \@algorithms }), 'own'));
	my (@judged, @cases);
	for my $algorithm (@algorithms)
	{
		my $token = $node->safe_psql('postgres', sprintf 'SELECT userdir.sign_jwt(%s, %s)', sql_text(json_of(\%claims)), sql_text($algorithm));
		my ($header) = $token =~ /^([^.]+)/;
		my $kid = decode_json(decode_base64url($header))->{kid};
		my $file = PostgreSQL::Test::Utils::tempdir() . "/$algorithm.pub";
		append_to_file($file, $node->safe_psql('postgres', sprintf q{SELECT k.public_key FROM userdir.connection_keys k JOIN userdir.connections c ON c.id = k.connection_id WHERE c.name = 'own' AND k.kid = %s}, sql_text($kid)));
		my $changed = $token =~ s/\.(.)([^.]*)$/'.' . ($1 eq 'A' ? 'B' : 'A') . $2/er;
		push @cases, [ "$algorithm by userdir", 'ok jane', 'own', $token ], [ "$algorithm by userdir, changed", 'UD041: ', 'own', $changed ];
		push @judged, [ "$algorithm by userdir", $algorithm, [ 'decode', $file, $token ] ], [ "$algorithm by userdir, changed", 'refused', [ 'decode', $file, $changed ] ],
		  [ "$algorithm by userdir, judged by userdir_jwt", 0, [ 'judge', $algorithm, $file, $token ] ], [ "$algorithm by userdir, changed, judged by userdir_jwt", 1, [ 'judge', $algorithm, $file, $changed ] ]
		  if $algorithm =~ /^[RE]S/;
	}
	check_verdicts(@cases);
	my @said = libjwt_says(map { $_->[2] } @judged);
	is(scalar @said, 24, 'libjwt has judged six algorithms');
	like($said[$_], qr/^$judged[$_][1]$/, "libjwt: $judged[$_][0]") for 0 .. $#judged;

	# HMAC has no public key; what libjwt says of ours needs the secret.
	my $secret = 'a secret of more than sixty-four bytes, so that HS512 is content with it';
	my $file = PostgreSQL::Test::Utils::tempdir() . '/secret';
	append_to_file($file, $secret);
	my @macs = map { $node->safe_psql('postgres', sprintf 'SELECT userdir.sign_jwt_with_secret(%s, %s, %s)', map { sql_text($_) } json_of(\%claims), $secret, $_) } qw(HS256 HS384 HS512);
	is_deeply([ libjwt_says(map { [ 'decode', $file, $_ ] } @macs) ], [qw(HS256 HS384 HS512)], 'libjwt: HMAC by userdir');
	my @theirs = libjwt_says(map { [ 'encode', $_, $file, json_of(\%claims) ] } qw(HS256 HS384 HS512));
	is($node->safe_psql('postgres', join '', map { sprintf "SELECT userdir.verify_jwt_with_secret(%s, %s, %s) ->> 'sub';\n", map { sql_text($_) } $theirs[$_], $secret, (qw(HS256 HS384 HS512))[$_] } 0 .. 2),
		"jane\njane\njane", 'userdir: HMAC by libjwt');
}

# Providers with rules of their own.
{
	my $tenant = '72f988bf-86f1-41af-91ab-2d7cd011db47';
	my $other  = '11111111-86f1-41af-91ab-2d7cd011db47';
	my $jwk    = jwk_of($key{'RSA-2048'});
	my $sign   = sub { signed('RSA-2048', 'RS256', claims_with(@_)) };
	my $v2     = sub { "https://login.microsoftonline.com/$_[0]/v2.0" };
	connect_issuer('google', 'google-oauth2', { client_id => 'web', allowed_audiences => ['ios'] }, $jwk);
	connect_issuer('workspace', 'google-apps', { client_id => 'web', domain => 'Example.com', domain_aliases => ['example.org'] }, $jwk);
	connect_issuer('apple', 'apple', { client_id => 'com.example' }, $jwk);
	connect_issuer('azure', 'waad', { client_id => 'web', tenantId => uc $tenant }, $jwk);
	connect_issuer('azure-all', 'waad', { client_id => 'web', useCommonEndpoint => JSON::PP::true }, $jwk);
	connect_issuer('okta', 'okta', { client_id => 'web', domain => 'acme.okta.example' }, $jwk);
	connect_issuer('discovered', 'oidc', { client_id => 'web', oidc_metadata => { issuer => 'https://discovered.example.com' } }, $jwk);
	connect_issuer('silent', 'oidc', { client_id => 'web' }, $jwk);
	connect_issuer('unaddressed', 'oidc', { issuer => 'https://idp.example.com' }, $jwk);
	connect_issuer('everywhere', 'google-apps', { client_id => 'web' }, $jwk);
	check_verdicts(
		['Google',                     'ok jane',  'google', $sign->(iss => 'https://accounts.google.com', aud => 'web', azp => 'android')],
		['Google without a scheme',    'ok jane',  'google', $sign->(iss => 'accounts.google.com', aud => 'ios')],
		['Google for another app',     'UD045: ',  'google', $sign->(iss => 'https://accounts.google.com', aud => 'theirs')],
		['a workspace',                'ok jane',  'workspace', $sign->(iss => 'https://accounts.google.com', aud => 'web', hd => 'EXAMPLE.com')],
		['an alias of it',             'ok jane',  'workspace', $sign->(iss => 'https://accounts.google.com', aud => 'web', hd => 'example.org')],
		['another workspace',          'UD044: ',  'workspace', $sign->(iss => 'https://accounts.google.com', aud => 'web', hd => 'evil.example')],
		['no workspace',               'UD044: ',  'workspace', $sign->(iss => 'https://accounts.google.com', aud => 'web')],
		['Apple',                      'ok jane',  'apple', $sign->(iss => 'https://appleid.apple.com', aud => 'com.example')],
		['a tenant of Microsoft',      'ok jane',  'azure', $sign->(iss => $v2->($tenant), aud => 'web', tid => $tenant)],
		['the older form of it',       'ok jane',  'azure', $sign->(iss => "https://sts.windows.net/$tenant/", aud => 'web', tid => $tenant)],
		['another tenant',             'UD044: ',  'azure', $sign->(iss => $v2->($other), aud => 'web', tid => $tenant)],
		['any tenant',                 'ok jane',  'azure-all', $sign->(iss => $v2->($other), aud => 'web', tid => $other)],
		['any tenant, but two of them', 'UD044: ', 'azure-all', $sign->(iss => $v2->($other), aud => 'web', tid => $tenant)],
		['any tenant, but none',       'UD044: ',  'azure-all', $sign->(iss => $v2->($other), aud => 'web')],
		['any tenant, by its pattern', 'UD044: ',  'azure-all', $sign->(iss => $v2->('{tenantid}'), aud => 'web', tid => '{tenantid}')],
		['any tenant, no tid and its pattern', 'UD044: ', 'azure-all', $sign->(iss => $v2->('{tenantid}'), aud => 'web')],
		['any tenant, with a path in it', 'UD044: ', 'azure-all', $sign->(iss => $v2->("$other/../$tenant"), aud => 'web', tid => "$other/../$tenant")],
		['Okta',                       'ok jane',  'okta', $sign->(iss => 'https://acme.okta.example', aud => 'web')],
		['an issuer in oidc_metadata', 'ok jane',  'discovered', $sign->(iss => 'https://discovered.example.com', aud => 'web')],
		['no issuer in the options',   'UD001: nothing says who issues', 'silent', $sign->(aud => 'web')],
		['no client_id in the options', 'UD001: nothing says for whom', 'unaddressed', $sign->(aud => 'web')],
		['no domain in the options',   'UD001: nothing says whose users', 'everywhere', $sign->(iss => 'https://accounts.google.com', aud => 'web')],
	);
}

# In a database whose encoding lacks a character, the token is the reason and not the server.
{
	$node->safe_psql('postgres', q{CREATE DATABASE latin ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0});
	$node->safe_psql('latin', sprintf q{CREATE EXTENSION userdir; SELECT userdir.install(); SELECT userdir.create_connection('corp', 'oidc', %s); SELECT userdir.set_connection_jwks('corp', %s)},
		map { sql_text($_) } json_of(\%options), jwks_of(jwk_of($key{'P-256'})));
	my ($known, $unknown) = map { signed('P-256', 'ES256', claims_with(name => $_)) } "J\x{e9}r\x{f4}me", "\x{4e16}\x{754c}";
	is($node->safe_psql('latin', "SET client_encoding = 'UTF8'; SELECT userdir.verify_foreign_token('corp', '$known') ->> 'name'"), "J\xc3\xa9r\xc3\xb4me", 'a name in LATIN1');
	is($node->safe_psql('latin', "SELECT outcome FROM userdir.federated_login('corp', '$known')"), 'success', 'a login in LATIN1');
	is($node->safe_psql('latin', "SELECT outcome FROM userdir.federated_login('corp', '$unknown')"), 'invalid_token', 'a name that LATIN1 does not have');
}

# Keys come and go.
$node->safe_psql('postgres', sprintf 'SELECT userdir.set_connection_jwks(%s, %s)', map { sql_text($_) } 'corp', jwks_of(jwk_of($key{'P-256'})));
check_verdicts(
	['a key that stayed', 'ok jane', 'corp', signed('P-256', 'ES256', \%claims)],
	['a key that went',   'UD049: ', 'corp', signed('RSA-2048', 'RS256', \%claims)],
	['the only key, which the token does not name', 'ok jane', 'corp', make_token({ alg => 'ES256' }, \%claims, 'ES256', $key{'P-256'})],
);

# A server without the library says so, and does without it where it can.
{
	my ($bare, undef, $bare_libdir) = private_server('bare');
	unlink "$bare_libdir/userdir_jwt.so" or die "userdir_jwt.so: $!";
	$node = $bare;
	$node->safe_psql('postgres', 'CREATE EXTENSION userdir; SELECT userdir.install();');
	connect_issuer('corp', 'oidc', \%options, jwk_of($key{'P-256'}), jwk_of($key{Ed25519}));
	check_verdicts(
		['ES256 without the library', '0A000: tokens of other issuers cannot be verified: library "userdir_jwt" could not be loaded', 'corp', signed('P-256', 'ES256', \%claims)],
		['EdDSA without the library', 'ok jane', 'corp', signed('Ed25519', 'EdDSA', \%claims)],
	);
}

done_testing();
