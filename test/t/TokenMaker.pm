# Keys and tokens of an issuer for the tests, made with the openssl command and nothing of userdir's.
package TokenMaker;

use strict;
use warnings;
use Digest::SHA qw(hmac_sha256 hmac_sha384 hmac_sha512);
use Exporter qw(import);
use File::Temp qw(tempdir);
use IPC::Run ();
use JSON::PP;
use MIME::Base64 qw(encode_base64url);

our @EXPORT = qw(make_key jwk_of jwks_of sign_input make_token encode_base64url json_of algorithms_of);

my $scratch = tempdir(CLEANUP => 1);
my $json    = JSON::PP->new->utf8->canonical->allow_nonref;
my $count   = 0;

my %curve = (
	'P-256'     => [ 'prime256v1', 32, 'ES256' ],
	'P-384'     => [ 'secp384r1',  48, 'ES384' ],
	'P-521'     => [ 'secp521r1',  66, 'ES512' ],
	'secp256k1' => [ 'secp256k1',  32, 'ES256K' ],
);

sub json_of { return $json->encode($_[0]) }

# openssl runs the command on an input and returns what it prints.
sub openssl
{
	my ($input, @arguments) = @_;
	my ($output, $errors);
	IPC::Run::run([ 'openssl', @arguments ], '<', \$input, '>', \$output, '2>', \$errors)
	  or die "openssl @arguments: $errors";
	return $output;
}

sub write_file
{
	my ($name, $content) = @_;
	open my $out, '>:raw', $name or die "$name: $!";
	print $out $content;
	close $out or die "$name: $!";
	return $name;
}

# make_key returns a new key: kind (RSA-2048, P-256, Ed25519 and so on), kid, file (its private PEM),
# public (its public PEM).
sub make_key
{
	my ($kind, $kid) = @_;
	my $file = "$scratch/key" . $count++ . '.pem';
	my @options =
	    $kind =~ /^RSA-(\d+)$/ ? ('-algorithm', 'RSA', '-pkeyopt', "rsa_keygen_bits:$1")
	  : $curve{$kind}          ? ('-algorithm', 'EC', '-pkeyopt', "ec_paramgen_curve:$curve{$kind}[0]")
	  :                          ('-algorithm', $kind);
	openssl('', 'genpkey', @options, '-out', $file);
	return { kind => $kind, kid => $kid, file => $file, public => openssl('', 'pkey', '-in', $file, '-pubout') };
}

# jwk_of returns the public JWK of a key; further members replace or add, undef removes.
sub jwk_of
{
	my ($key, %members) = @_;
	my $der = openssl('', 'pkey', '-in', $key->{file}, '-pubout', '-outform', 'DER');
	my %jwk = (kid => $key->{kid}, use => 'sig');
	if ($key->{kind} =~ /^RSA/)
	{
		my $text = openssl('', 'rsa', '-in', $key->{file}, '-noout', '-modulus');
		my ($hex) = $text =~ /Modulus=([0-9A-F]+)/ or die $text;
		@jwk{qw(kty n e)} = ('RSA', encode_base64url(pack('H*', $hex)), 'AQAB');
	}
	elsif (my $curve = $curve{ $key->{kind} })
	{
		my $size = $curve->[1];
		@jwk{qw(kty crv x y)} = ('EC', $key->{kind}, map { encode_base64url($_) } substr($der, -2 * $size, $size), substr($der, -$size));
	}
	else
	{
		@jwk{qw(kty crv x)} = ('OKP', $key->{kind}, encode_base64url(substr($der, $key->{kind} eq 'Ed448' ? -57 : -32)));
	}
	%jwk = (%jwk, %members);
	return { map { defined $jwk{$_} ? ($_ => $jwk{$_}) : () } keys %jwk };
}

# jwks_of returns a set of JWKs as JSON.
sub jwks_of { return json_of({ keys => [@_] }) }

# algorithms_of returns what a key can sign with.
sub algorithms_of
{
	my ($key) = @_;
	return $key->{kind} =~ /^RSA/ ? qw(RS256 RS384 RS512 PS256 PS384 PS512) : $curve{ $key->{kind} } ? $curve{ $key->{kind} }[2] : 'EdDSA';
}

# raw_ecdsa turns the DER of a signature into the two numbers of JWS.
sub raw_ecdsa
{
	my ($der, $size) = @_;
	my $dump = openssl($der, 'asn1parse', '-inform', 'DER');
	my @numbers = $dump =~ /INTEGER\s*:([0-9A-F]+)/g;
	@numbers == 2 or die $dump;
	return join '', map { pack 'H*', substr(('0' x (2 * $size)) . $_, -2 * $size) } @numbers;
}

# sign_input returns the signature of a text in bytes: with a key, or by HMAC with the bytes that
# stand in the key's place.
sub sign_input
{
	my ($input, $algorithm, $key) = @_;
	my ($family, $bits) = $algorithm =~ /^([A-Z]{2})(\d+)/;

	return { 256 => \&hmac_sha256, 384 => \&hmac_sha384, 512 => \&hmac_sha512 }->{$bits}->($input, $key) if defined $family && $family eq 'HS';
	if ($algorithm eq 'EdDSA')
	{
		return openssl('', 'pkeyutl', '-sign', '-rawin', '-inkey', $key->{file}, '-in', write_file("$scratch/input", $input));
	}
	my @padding = $family eq 'PS' ? ('-sigopt', 'rsa_padding_mode:pss', '-sigopt', 'rsa_pss_saltlen:digest') : ();
	my $signature = openssl($input, 'dgst', "-sha$bits", @padding, '-sign', $key->{file}, '-binary');
	return $family eq 'ES' ? raw_ecdsa($signature, $curve{ $key->{kind} }[1]) : $signature;
}

# make_token returns a compact token. header and claims are texts, or structures that become JSON.
sub make_token
{
	my ($header, $claims, $algorithm, $key) = @_;
	my $input = join '.', map { encode_base64url(ref $_ ? json_of($_) : $_) } $header, $claims;
	return "$input." . encode_base64url(sign_input($input, $algorithm, $key));
}

1;
