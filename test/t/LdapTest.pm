# What the tests of userdir_ldap share: a slapd of their own, certificates, and servers that answer
# whatever a test wants.
package LdapTest;

use strict;
use warnings;
use Exporter qw(import);
use IO::Socket::INET;
use IPC::Run ();
use MIME::Base64 qw(encode_base64);
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Socket qw(MSG_NOSIGNAL);
use Test::More;
use Time::HiRes qw(time sleep);

our @EXPORT = qw(have_module find_slapd make_certificates start_slapd stop_slapd start_old_tls start_fake stop_fake
  ber result_message entry_message search_done ad_refusal);

my @running;

# have_module returns whether userdir_ldap is installed beside the server of a cluster.
sub have_module
{
	my ($node) = @_;
	return $node->safe_psql('postgres', "SELECT count(*) FROM pg_available_extensions WHERE name = 'userdir_ldap'");
}

# find_slapd returns the path of slapd, nothing where it is not installed.
sub find_slapd
{
	my ($found) = grep { -x } map { "$_/slapd" } split(/:/, $ENV{PATH}), '/usr/sbin', '/usr/lib/openldap';
	return $found;
}

sub write_text
{
	my ($file, $text) = @_;
	open my $out, '>', $file or die "$file: $!";
	print $out $text;
	close $out or die "$file: $!";
	return $file;
}

sub run_quietly
{
	my (@command) = @_;
	my ($out, $err) = ('', '');
	IPC::Run::run(\@command, '<', \undef, '>', \$out, '2>', \$err) or die "@command: $out$err";
	return $out;
}

# make_certificates makes an authority of a name in a directory, and a certificate of it for 127.0.0.1.
sub make_certificates
{
	my ($dir, $name) = @_;
	my $subject = write_text("$dir/$name.ext", "subjectAltName = IP:127.0.0.1\n");
	run_quietly(qw(openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj), "/CN=$name", '-keyout', "$dir/$name-ca.key", '-out', "$dir/$name-ca.pem");
	run_quietly(qw(openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj /CN=server -keyout), "$dir/$name.key", '-out', "$dir/$name.csr");
	run_quietly(qw(openssl x509 -req -days 2 -set_serial 2 -in), "$dir/$name.csr", '-CA', "$dir/$name-ca.pem", '-CAkey', "$dir/$name-ca.key", '-extfile', $subject, '-out', "$dir/$name.pem");
	return;
}

# The attributes of Active Directory that are read, under numbers that are nobody's.
my $schema = <<'END';
attributetype ( 1.3.6.1.4.1.99999.1 NAME 'sAMAccountName' EQUALITY caseIgnoreMatch SUBSTR caseIgnoreSubstringsMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 SINGLE-VALUE )
attributetype ( 1.3.6.1.4.1.99999.2 NAME 'userPrincipalName' EQUALITY caseIgnoreMatch SUBSTR caseIgnoreSubstringsMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 SINGLE-VALUE )
attributetype ( 1.3.6.1.4.1.99999.3 NAME 'objectGUID' EQUALITY octetStringMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.40 SINGLE-VALUE )
attributetype ( 1.3.6.1.4.1.99999.4 NAME 'objectSid' EQUALITY octetStringMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.40 SINGLE-VALUE )
attributetype ( 1.3.6.1.4.1.99999.5 NAME 'userAccountControl' EQUALITY integerMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.27 SINGLE-VALUE )
attributetype ( 1.3.6.1.4.1.99999.6 NAME 'accountExpires' EQUALITY integerMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.27 SINGLE-VALUE )
attributetype ( 1.3.6.1.4.1.99999.7 NAME 'pwdLastSet' EQUALITY integerMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.27 SINGLE-VALUE )
attributetype ( 1.3.6.1.4.1.99999.8 NAME 'objectCategory' EQUALITY caseIgnoreMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 SINGLE-VALUE )
attributetype ( 1.3.6.1.4.1.99999.9 NAME 'thumbnailPhoto' SYNTAX 1.3.6.1.4.1.1466.115.121.1.40 )
attributetype ( 1.3.6.1.4.1.99999.10 NAME 'unicodePwd' EQUALITY octetStringMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.40 SINGLE-VALUE )
attributetype ( 1.3.6.1.4.1.99999.11 NAME 'adMemberOf' EQUALITY distinguishedNameMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.12 )
attributetype ( 1.3.6.1.4.1.99999.12 NAME 'whenCreated' EQUALITY generalizedTimeMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.24 SINGLE-VALUE )
attributetype ( 1.3.6.1.4.1.99999.13 NAME 'anyBytes' SYNTAX 1.3.6.1.4.1.1466.115.121.1.40 )
objectclass ( 1.3.6.1.4.1.99999.20 NAME 'user' SUP inetOrgPerson STRUCTURAL MAY ( sAMAccountName $ userPrincipalName $ objectGUID $ objectSid $
  userAccountControl $ accountExpires $ pwdLastSet $ objectCategory $ thumbnailPhoto $ unicodePwd $ adMemberOf $ whenCreated $ anyBytes ) )
END

# start_slapd starts a slapd with entries (LDIF) below dc=example,dc=com, as the user that runs the
# test. It returns what is needed to reach it, and to stop it.
sub start_slapd
{
	my ($ldif, %options) = @_;
	my $dir = PostgreSQL::Test::Utils::tempdir_short();
	my %slapd = (
		dir => $dir, path => "$dir/ldapi", manager_password => 'Manager-Boat-1',
		port => PostgreSQL::Test::Cluster::get_free_port(), tls_port => PostgreSQL::Test::Cluster::get_free_port());

	make_certificates($dir, $_) for 'own', 'other';
	mkdir "$dir/db" or die $!;
	# Where AppArmor knows slapd it knows it by its place.
	run_quietly('cp', find_slapd(), "$dir/slapd");
	write_text("$dir/ad.schema", $schema);
	write_text("$dir/slapd.conf", <<"END");
include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/inetorgperson.schema
include $dir/ad.schema
modulepath /usr/lib/ldap
moduleload back_mdb
pidfile $dir/slapd.pid
TLSCACertificateFile $dir/own-ca.pem
TLSCertificateFile $dir/own.pem
TLSCertificateKeyFile $dir/own.key
referral ldap://127.0.0.1:1
database mdb
suffix dc=example,dc=com
rootdn cn=manager,dc=example,dc=com
rootpw $slapd{manager_password}
directory $dir/db
maxsize 67108864
dbnosync
index uid,mail,sAMAccountName eq
limits dn.exact="cn=few,ou=services,dc=example,dc=com" size=2
access to attrs=userPassword by anonymous auth by * none
access to attrs=unicodePwd by * none
access to dn.subtree="ou=open,dc=example,dc=com" by * read
access to * by dn.children="ou=services,dc=example,dc=com" read by self read by anonymous auth by * none
END
	write_text("$dir/entries.ldif", $ldif);
	run_quietly("$dir/slapd", '-T', 'add', '-f', "$dir/slapd.conf", '-l', "$dir/entries.ldif");

	my $socket = $slapd{path} =~ s{/}{%2F}gr;
	$slapd{plain} = "ldap://127.0.0.1:$slapd{port}";
	$slapd{tls} = "ldaps://127.0.0.1:$slapd{tls_port}";
	$slapd{socket} = "ldapi://$socket";
	my ($out, $err) = ('', '');
	$slapd{process} = IPC::Run::start([ "$dir/slapd", '-d', '0', '-f', "$dir/slapd.conf", '-h', "ldap://127.0.0.1:$slapd{port}/ ldaps://127.0.0.1:$slapd{tls_port}/ ldaps://127.0.0.2:$slapd{tls_port}/ $slapd{socket}/" ],
		'<', \undef, '>', \$out, '2>', \$err);
	push @running, $slapd{process};
	for (1 .. 100)
	{
		return \%slapd if -e "$dir/slapd.pid" && IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $slapd{tls_port});
		sleep 0.1;
		$slapd{process}->pumpable or last;
	}
	die "slapd did not start: $err";
}

sub stop_slapd
{
	my ($slapd) = @_;
	$slapd->{process}->kill_kill(grace => 10);
	return;
}

# start_old_tls starts a server with the certificate of a slapd that knows TLS 1.1 alone.
sub start_old_tls
{
	my ($dir) = @_;
	my $port = PostgreSQL::Test::Cluster::get_free_port();
	my ($out, $err) = ('', '');
	my %server = (url => "ldaps://127.0.0.1:$port");
	$server{process} = IPC::Run::start([ qw(openssl s_server -quiet -tls1_1 -cipher DEFAULT@SECLEVEL=0 -accept), $port, '-cert', "$dir/own.pem", '-key', "$dir/own.key" ], '<', \undef, '>', \$out, '2>', \$err);
	push @running, $server{process};
	for (1 .. 50)
	{
		return \%server if IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $port);
		sleep 0.1;
	}
	die "openssl s_server did not start: $err";
}

# start_fake starts a server on a loopback port that calls a function with each connection, in a
# process of its own. It returns the URL, and what stop_fake needs.
sub start_fake
{
	my ($serve) = @_;
	my $listener = IO::Socket::INET->new(LocalAddr => '127.0.0.1', LocalPort => 0, Listen => 64, Proto => 'tcp', ReuseAddr => 1) or die "no port: $!";
	my $pid = fork // die "fork: $!";
	if ($pid == 0)
	{
		require POSIX;
		setpgrp;
		local $SIG{PIPE} = 'IGNORE';
		local $SIG{CHLD} = 'IGNORE';
		while (my $connection = $listener->accept)
		{
			next if fork;
			eval { $serve->($connection) };
			POSIX::_exit(0);
		}
		POSIX::_exit(0);
	}
	my %fake = (pid => $pid, port => $listener->sockport);
	close $listener;
	$fake{url} = "ldap://127.0.0.1:$fake{port}";
	push @running, \%fake;
	return \%fake;
}

sub stop_fake
{
	my ($fake) = @_;
	return unless $fake->{pid};
	kill 'KILL', -$fake->{pid}, $fake->{pid};
	waitpid $fake->{pid}, 0;
	delete $fake->{pid};
	return;
}

END
{
	my $status = $?;
	for my $process (@running)
	{
		ref $process eq 'HASH' ? stop_fake($process) : eval { $process->kill_kill(grace => 5) };
	}
	$? = $status;
}

# ber writes a value of ASN.1 with its tag and length.
sub ber
{
	my ($tag, @parts) = @_;
	my $value = join '', @parts;
	my $length = length $value;
	return chr($tag) . ($length < 128 ? chr $length : chr(0x84) . pack 'N', $length) . $value;
}

# result_message answers a request by a result of some kind: 0x61 to a bind, 0x65 to a search, 0x78 to
# an extended operation.
sub result_message
{
	my ($id, $tag, $code, $explanation, @more) = @_;
	return ber(0x30, ber(2, chr $id), ber($tag, ber(10, chr $code), ber(4, ''), ber(4, $explanation // ''), @more));
}

sub search_done { my ($id) = @_; return result_message($id, 0x65, 0); }

# entry_message answers a search by an entry; its attributes are [name, value...].
sub entry_message
{
	my ($id, $dn, @attributes) = @_;
	return ber(0x30, ber(2, chr $id), ber(0x64, ber(4, $dn), ber(0x30, map {
		my ($name, @values) = @$_;
		ber(0x30, ber(4, $name), ber(0x31, map { ber(4, $_) } @values));
	} @attributes)));
}

# ad_refusal is how Active Directory refuses a bind.
sub ad_refusal
{
	my ($id, $code) = @_;
	return result_message($id, 0x61, 49, "80090308: LdapErr: DSID-0C0903A9, comment: AcceptSecurityContext error, data $code, v1db1\0");
}

1;
