# Tokens and keys of the two libraries that most applications for node issue them with: jose and
# jsonwebtoken. Every algorithm, and tokens that were changed afterwards.
#
# The packages are installed by npm into a scratch directory. Without npm, or without a registry that
# it can reach, the test skips itself and says so.
use strict;
use warnings;
use IPC::Run ();
use JSON::PP;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use UserdirTest;

my @packages = ('jose@5.9.6', 'jsonwebtoken@9.0.2');
my $scratch  = PostgreSQL::Test::Utils::tempdir;

sub skip_loudly
{
	my ($reason) = @_;
	diag("*** SKIPPED: $reason ***");
	plan skip_all => $reason;
}

# run_quietly runs a command with its output in a file of the scratch directory; false if it fails
# or is not there.
sub run_quietly
{
	my (@command) = @_;
	local $ENV{HOME} = $scratch;
	return eval { IPC::Run::run(\@command, '<', \undef, '&>', "$scratch/command.log") };
}

skip_loudly('there is no npm') unless run_quietly('npm', '--version') && run_quietly('node', '--version');
skip_loudly('npm could not install ' . join(' and ', @packages))
  unless run_quietly('npm', 'install', '--prefix', $scratch, '--no-audit', '--no-fund', '--ignore-scripts',
	'--loglevel=error', '--fetch-retries=1', @packages);

my $json = JSON::PP->new->utf8->canonical;

# Makes a key for each algorithm and has both libraries sign with it. Prints the keys as a JWK set, and
# the tokens with the names of their makers.
append_to_file("$scratch/issue.js", <<'JS');
const { generateKeyPairSync } = require('crypto');
const jose = require('jose');
const jsonwebtoken = require('jsonwebtoken');

const curves = { ES256: 'P-256', ES384: 'P-384', ES512: 'P-521' };
const claims = { email: 'jane@example.com', 'https://example.com/roles': ['a', 'b'], n: 1.5 };

async function issue() {
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const keys = [];
  const tokens = [];
  for (const alg of ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA']) {
    const pair = curves[alg] ? generateKeyPairSync('ec', { namedCurve: curves[alg] })
      : alg === 'EdDSA' ? generateKeyPairSync('ed25519') : rsa;
    const kid = `kid of ${alg}`;
    keys.push({ ...(await jose.exportJWK(pair.publicKey)), kid, alg, use: 'sig', x5t: 'AAAA' });
    tokens.push({ maker: 'jose', alg, token: await new jose.SignJWT(claims).setProtectedHeader({ alg, kid, typ: 'JWT' })
      .setIssuer('https://idp.example.com').setAudience(['app']).setSubject('jane').setIssuedAt().setNotBefore('0s').setExpirationTime('1h').sign(pair.privateKey) });
    // jsonwebtoken knows no Ed25519.
    if (alg !== 'EdDSA') {
      tokens.push({ maker: 'jsonwebtoken', alg, token: jsonwebtoken.sign(claims, pair.privateKey, {
        algorithm: alg, keyid: kid, issuer: 'https://idp.example.com', audience: 'app', subject: 'jane', expiresIn: '1h' }) });
    }
  }
  process.stdout.write(JSON.stringify({ jwks: { keys }, tokens }));
}
issue();
JS

my ($output, $errors);
IPC::Run::run([ 'node', "$scratch/issue.js" ], '<', \undef, '>', \$output, '2>', \$errors) or die "issue.js: $errors";
my $issued = $json->decode($output);
is(scalar @{ $issued->{tokens} }, 19, 'both have signed');

my $node = new_server('npm');
$node->safe_psql('postgres', 'CREATE EXTENSION userdir; SELECT userdir.install();');
$node->safe_psql('postgres', q{SELECT userdir.create_connection('corp', 'oidc', '{"issuer": "https://idp.example.com", "client_id": "app",
	"id_token_signed_response_algs": ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"]}')});
is($node->safe_psql('postgres', sprintf q{SELECT jsonb_array_length(r -> 'keys'), r -> 'skipped' FROM userdir.set_connection_jwks('corp', '%s') r}, $json->encode($issued->{jwks})),
	'10|[]', 'all keys of jose are taken');

# verdict verifies a token: the claims that are its own, or the error.
sub verdict
{
	my ($token) = @_;
	my ($status, $claims, $error) = $node->psql('postgres', "SELECT userdir.verify_foreign_token('corp', '$token')");
	return $status == 0 ? $json->decode($claims) : $error =~ s/^psql:[^ ]*: ERROR: +//r;
}

# changed changes the first character of a token's signature.
sub changed
{
	my ($token) = @_;
	return $token =~ s/\.(.)([^.]*)$/'.' . ($1 eq 'A' ? 'B' : 'A') . $2/er;
}

for my $case (@{ $issued->{tokens} })
{
	my ($name, $token) = ("$case->{alg} by $case->{maker}", $case->{token});
	my $claims = verdict($token);
	is_deeply(ref $claims ? [ @$claims{qw(sub email n)}, $claims->{'https://example.com/roles'} ] : $claims,
		[ 'jane', 'jane@example.com', 1.5, [ 'a', 'b' ] ], "$name: the claims");
	like(verdict(changed($token)), qr/^the token's signature is wrong/, "$name: changed");
}

# Somebody else's signature under the name of a key.
my ($es, $rs) = map { my $alg = $_; grep { $_->{alg} eq $alg } @{ $issued->{tokens} } } qw(ES256 RS256);
my $mixed = ($rs->{token} =~ s/\.[^.]*$//r) . ($es->{token} =~ s/.*(?=\.)//r);
like(verdict($mixed), qr/^the token's signature is wrong/, 'the signature of another token');

# The other way: what userdir signs, both take, and changed they do not.
append_to_file("$scratch/verify.js", <<'JS');
const fs = require('fs');
const { createPublicKey } = require('crypto');
const jose = require('jose');
const jsonwebtoken = require('jsonwebtoken');

const { jwks, tokens } = JSON.parse(fs.readFileSync(process.argv[2], 'utf8'));
const keySet = jose.createLocalJWKSet(jwks);
const expected = { issuer: 'https://idp.example.com', audience: 'app' };

async function verdict(token) {
  const { alg, kid } = jose.decodeProtectedHeader(token);
  const answers = [];
  try {
    answers.push((await jose.jwtVerify(token, keySet, { ...expected, algorithms: [alg] })).payload.sub);
  } catch (error) {
    answers.push(error.code);
  }
  // jsonwebtoken knows no Ed25519.
  if (alg !== 'EdDSA') {
    try {
      const key = createPublicKey({ key: jwks.keys.find((one) => one.kid === kid), format: 'jwk' });
      answers.push(jsonwebtoken.verify(token, key, { ...expected, algorithms: [alg] }).sub);
    } catch (error) {
      answers.push(error.message);
    }
  }
  return answers.join(' ');
}
(async () => { for (const token of tokens) console.log(await verdict(token)); })();
JS

my @algorithms = qw(RS256 RS384 RS512 PS256 PS384 PS512 ES256 ES384 ES512 EdDSA);
$node->safe_psql('postgres', join ' ', map { "SELECT userdir.create_signing_key('$_');" } @algorithms);
my $now    = time;
my @tokens = map { $node->safe_psql('postgres', sprintf q{SELECT userdir.sign_jwt('{"iss": "https://idp.example.com", "aud": "app", "sub": "jane", "iat": %d, "exp": %d, "n": 1.10}', '%s')}, $now, $now + 600, $_) } @algorithms;
append_to_file("$scratch/ours.json", $json->encode({ jwks => $json->decode($node->safe_psql('postgres', 'SELECT userdir.jwks()')), tokens => [ @tokens, map { changed($_) } @tokens ] }));
IPC::Run::run([ 'node', "$scratch/verify.js", "$scratch/ours.json" ], '<', \undef, '>', \$output, '2>', \$errors) or die "verify.js: $errors";
my @verdicts = split /\n/, $output;
is(scalar @verdicts, 20, 'both have judged');
for my $i (0 .. $#algorithms)
{
	my $both = $algorithms[$i] ne 'EdDSA';
	is($verdicts[$i], $both ? 'jane jane' : 'jane', "$algorithms[$i] by userdir, for jose" . ($both ? ' and jsonwebtoken' : ''));
	is($verdicts[ @algorithms + $i ], 'ERR_JWS_SIGNATURE_VERIFICATION_FAILED' . ($both ? ' invalid signature' : ''), "$algorithms[$i] by userdir, changed");
}

done_testing();
