# userdir_ldap against a real slapd: what comes of logins, what is escaped, how connections are
# protected, and that nothing is left behind by some thousands of calls.
use strict;
use warnings;
use JSON::PP;
use LdapTest;
use MIME::Base64 qw(encode_base64);
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(time);
use UserdirTest;

plan skip_all => 'slapd is not installed' unless find_slapd();

my $node = new_server('ldap');
if (!have_module($node))
{
	$node->stop;
	plan skip_all => 'userdir_ldap was not built';
}
$node->append_conf('postgresql.conf', "log_min_error_statement = error\nlog_parameter_max_length_on_error = -1\nlog_error_verbosity = verbose\n");
$node->reload;
$node->safe_psql('postgres', 'CREATE EXTENSION userdir; CREATE EXTENSION userdir_ldap');

my $guid = pack 'H*', '00112233445566778899aabbccddeeff';
my $sid = pack 'CCnNVVVVV', 1, 5, 0, 5, 21, 1004336348, 1177238915, 682003330, 512;
my $photo = "\xff\xd8\xff\xe0\x00\x01photo";
my ($far, $past) = ('9223372036854775807', '131000000000000000');

sub base64_line { my ($name, $bytes) = @_; return "${name}:: " . encode_base64($bytes, '') . "\n"; }

# person returns the LDIF of an entry of ou=people with a password.
sub person
{
	my ($uid, $password, @lines) = @_;
	return "dn: uid=$uid,ou=people,dc=example,dc=com\nobjectClass: inetOrgPerson\nuid: $uid\nsn: Doe\ncn: $uid Doe\n"
	  . (defined $password ? base64_line('userPassword', $password) : '') . join('', map { "$_\n" } @lines) . "\n";
}

sub windows_user
{
	my ($name, $password, @lines) = @_;
	return "dn: cn=$name,ou=windows,dc=example,dc=com\nobjectClass: user\ncn: $name\nsn: Doe\nsAMAccountName: $name\nobjectCategory: person\n"
	  . base64_line('userPassword', $password) . join('', map { "$_\n" } @lines) . "\n";
}

my $ldif = <<'END';
dn: dc=example,dc=com
objectClass: dcObject
objectClass: organization
dc: example
o: Example

END
$ldif .= "dn: ou=$_,dc=example,dc=com\nobjectClass: organizationalUnit\nou: $_\n\n" for qw(people windows groups services open referred);
$ldif .= "dn: cn=$_,ou=services,dc=example,dc=com\nobjectClass: organizationalRole\nobjectClass: simpleSecurityObject\ncn: $_\nuserPassword: Reader-Boat-1\n\n" for qw(reader few);
$ldif .= person('jane', 'Paper-Boat-1', 'mail: jane@example.com', 'mail: j.doe@example.com', 'givenName: Jane', 'employeeNumber: 42', 'displayName: Jane Doe', 'title: Captain');
$ldif .= person('bjørn', "P\xc3\xa4per-Boat", 'mail: bjorn@example.com') =~ s/^(dn|uid|cn): (.*)$/base64_line($1, $2) =~ s{\n}{}r/gmer;
$ldif .= person('twin1', 'Paper-Boat-1', 'mail: twins@example.com') . person('twin2', 'Paper-Boat-1', 'mail: twins@example.com');
$ldif .= person('nopassword', undef, 'mail: nopassword@example.com');
$ldif .= "dn: uid=odd\\2C name\\+\\3D\\#,ou=people,dc=example,dc=com\nobjectClass: inetOrgPerson\nuid: odd, name+=#\nsn: Odd\ncn: Odd\nuserPassword: Paper-Boat-1\n\n";
$ldif .= "dn: uid=st*r(x)\\5C,ou=people,dc=example,dc=com\nobjectClass: inetOrgPerson\nuid: st*r(x)\\\nsn: Star\ncn: Star\nuserPassword: Paper-Boat-1\n\n";
$ldif .= "dn: uid=anyone,ou=open,dc=example,dc=com\nobjectClass: inetOrgPerson\nuid: anyone\nsn: Doe\ncn: Any\nuserPassword: Paper-Boat-1\n\n";
$ldif .= "dn: cn=$_,ou=groups,dc=example,dc=com\nobjectClass: groupOfNames\ncn: $_\nmember: uid=jane,ou=people,dc=example,dc=com\n\n" for qw(sailors captains cooks);
$ldif .= windows_user('kim', 'Paper-Boat-1', 'mail: kim@corp.example', 'userPrincipalName: kim@corp.example', 'displayName: Kim Doe', 'userAccountControl: 512', "accountExpires: $far",
	'pwdLastSet: 133500000000000000', 'whenCreated: 20240229123456.0Z', 'adMemberOf: CN=Sales\2C EU,OU=Groups,DC=corp,DC=example', 'adMemberOf: CN=Everybody,DC=corp,DC=example');
chomp $ldif;
$ldif .= base64_line('objectGUID', $guid) . base64_line('objectSid', $sid) . base64_line('thumbnailPhoto', $photo) . base64_line('anyBytes', "\xff\xfe") . "\n";
my $second = $guid =~ s/^./\x01/sr;
chomp($ldif .= windows_user('gone', 'Paper-Boat-1', 'userAccountControl: 514'));
$ldif .= base64_line('objectGUID', $second) . "\n";
chomp($ldif .= windows_user('expired', 'Paper-Boat-1', 'userAccountControl: 512', "accountExpires: $past"));
$ldif .= base64_line('objectGUID', $second =~ s/^./\x02/sr) . "\n";
$ldif .= "dn: ou=elsewhere,ou=referred,dc=example,dc=com\nobjectClass: referral\nobjectClass: extensibleObject\nou: elsewhere\nref: ldap://127.0.0.1:1/dc=example,dc=com\n\n";

my $slapd = start_slapd($ldif);
my $own_ca = "$slapd->{dir}/own-ca.pem";
my $json = JSON::PP->new->canonical->utf8;

# server returns the description of slapd with changes; undef takes a key away.
sub server
{
	my (%changes) = @_;
	my %server = (url => $slapd->{socket}, base_dn => 'ou=people,dc=example,dc=com', bind_dn => 'cn=reader,ou=services,dc=example,dc=com', timeout => 5, %changes);
	delete @server{ grep { !defined $server{$_} } keys %server };
	return $json->encode(\%server);
}

my %windows = (directory => 'active_directory', base_dn => 'ou=windows,dc=example,dc=com', filter => '(|(sAMAccountName={login})(userPrincipalName={login})(mail={login}))');

# call runs a statement with :server, :login, :pw and :bind as texts, each by a quoted variable, and
# returns what it prints, or its SQLSTATE and message.
sub call
{
	my ($sql, %variables) = @_;
	%variables = (login => 'jane', pw => 'Paper-Boat-1', bind => 'Reader-Boat-1', server => server(), %variables);
	my @set = map { ('-v', "$_=$variables{$_}") } sort keys %variables;
	my ($status, $out, $err) = $node->psql('postgres', "\\set VERBOSITY verbose\n" . ($sql =~ s/(?<!:):(\w+)/:'$1'/gr) . ';', extra_params => \@set);
	return $status == 0 ? $out : $err =~ /ERROR:\s+(.*?)\nLOCATION/s ? $1 : $err;
}

my $login = 'SELECT userdir.ldap_login(:server, :login, :pw, :bind)';
my $anonymous_login = 'SELECT userdir.ldap_login(:server, :login, :pw)';
my $get_user = 'SELECT userdir.ldap_get_user(:server, :login, :bind)';
my $wrong = qr/^UD060: wrong username or password/;

# 1. Outcomes
my $first = call($login);
like($first, qr{^\{}, q{the first login}) or BAIL_OUT("nothing works: $first");
my $jane = $json->decode($first);
like($jane->{user_id}, qr/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/, 'a login: the id is entryUUID');
is_deeply({ %$jane, user_id => 0 }, { user_id => 0, email => 'jane@example.com', username => 'jane', name => 'jane Doe', given_name => 'Jane', family_name => 'Doe' }, 'a login: the usual profile');
is_deeply($json->decode(call($get_user)), $jane, 'get_user returns the same');
is(call($login, login => 'j.doe@example.com') =~ s/.*"user_id": "([^"]*)".*/$1/r, $jane->{user_id}, 'by another value of mail');
like(call($login, pw => 'wrong'), $wrong, 'a wrong password');
like(call($login, pw => 'wrong'), qr/^DETAIL:  \Q$jane->{user_id}\E$/m, 'it tells whose');
unlike(call($login, pw => ''), qr/^DETAIL/m, 'an empty one is nobody\'s');
is(call($login, login => 'nobody'), '', 'nobody: null');
is(call($get_user, login => 'nobody'), '', 'nobody: null from get_user');
like(call($login, pw => ''), $wrong, 'an empty password');
like(call('SELECT userdir.ldap_login(:server, :login, NULL, :bind)'), $wrong, 'no password');
like(call($login, pw => '', login => 'nobody'), $wrong, 'an empty password of nobody');
is(call($login, login => $_), '', "no login: \"$_\"") for '', ' ' x 2000, 'x' x 100_000;
is(call('SELECT userdir.ldap_login(:server, NULL, :pw, :bind)'), '', 'a login that is null');
like(call($login, login => 'nopassword'), $wrong, 'an entry without a password');
like(call($login, login => 'twins@example.com'), qr/^UD069: more than one entry of the directory has this login/, 'two entries');
like(call($login, login => 'bjørn', pw => 'Päper-Boat'), qr/"username": "bjørn"/, 'beyond ASCII');
like(call($login, login => 'bjørn', pw => 'Paper-Boat'), $wrong, 'beyond ASCII, wrong');

# 2. Nothing that is typed is part of a filter or a name.
for my $attempt ('*', 'j*', '*)(uid=*', 'jane)(|(uid=*', 'jane)(objectClass=*', '*)(objectClass=*))(&(uid=*', 'jan\\65', "jane\n", '(', ')', '\\', '\\2a', 'jane\\00')
{
	is(call($login, login => $attempt), '', "injection: $attempt");
	is(call($get_user, login => $attempt), '', "injection, get_user: $attempt");
}
like(call($get_user, login => 'st*r(x)\\'), qr/"username": "st\*r\(x\)\\\\"/, 'marks of a filter in a name are found as they are');
my $named = server(user_dn => 'uid={login},ou=people,dc=example,dc=com', base_dn => undef, bind_dn => undef);
like(call($anonymous_login, server => $named), qr/"username": "jane"/, 'user_dn: a login');
like(call($anonymous_login, server => $named, pw => 'wrong'), $wrong, 'user_dn: a wrong password');
like(call($anonymous_login, server => $named, login => 'nobody'), $wrong, 'user_dn: nobody');
like(call($anonymous_login, server => $named, login => 'odd, name+=#'), qr/"username": "odd, name\+=#"/, 'user_dn: marks of a name');
like(call($anonymous_login, server => $named, login => 'st*r(x)\\'), qr/"family_name": "Star"/, 'user_dn: a backslash');
for my $attempt ('jane,ou=people', 'jane+cn=x', 'x,uid=jane', '#6a616e65', 'jane\\', '')
{
	my $answer = call($anonymous_login, server => $named, login => $attempt);
	ok($answer eq '' || $answer =~ $wrong, "user_dn, injection: $attempt") or diag($answer);
}
my $named_search = server(user_dn => 'uid={login},ou=people,dc=example,dc=com', base_dn => undef);
like(call($login, server => $named_search), qr/"username": "jane"/, 'user_dn with bind_dn: a login');
is(call($login, server => $named_search, login => 'nobody'), '', 'user_dn with bind_dn: nobody');
is(call($get_user, server => $named_search, login => 'nobody,ou=x'), '', 'user_dn with bind_dn: get_user of nobody');

# 3. Who searches
like(call($login, bind => 'wrong'), qr/^UD069: the directory server refuses "bind_dn": Invalid credentials$/, 'bind_dn is refused');
like(call($login, bind => ''), qr/^UD069: the password of "bind_dn" is missing/, 'bind_dn with an empty password');
like(call($anonymous_login), qr/^UD069: the password of "bind_dn" is missing/, 'bind_dn without a password');
like(call($login, server => server(bind_dn => undef)), qr/^UD069: there is a bind_password, but no "bind_dn"/, 'a password without bind_dn');
like(call($anonymous_login, server => server(bind_dn => undef, base_dn => 'ou=open,dc=example,dc=com'), login => 'anyone'), qr/"username": "anyone"/, 'anonymous');
like(call($anonymous_login, server => server(bind_dn => undef)), qr/^UD069: the directory server refuses to search: Insufficient access$/, 'anonymous where that is not permitted');
like(call($login, server => server(base_dn => 'ou=nowhere,dc=example,dc=com')), qr/^UD069: the directory server refuses to search: No such object/, 'a base that is not there');
like(call($login, server => server(base_dn => 'nonsense')), qr/^UD069: the directory server refuses to search: Invalid DN syntax/, 'a base that is no name');
like(call($login, server => server(base_dn => 'dc=other')), qr/^UD069: the directory server refuses to search: Referral\nHINT:  It refers to another server/, 'a base of another server');
like(call($login, server => server(base_dn => 'ou=elsewhere,ou=referred,dc=example,dc=com')), qr/^UD069: .*Referral/, 'a base that is a referral');
is(call($login, server => server(base_dn => 'ou=referred,dc=example,dc=com')), '', 'referrals among the answers are not followed');
like(call($login, server => server(filter => '(uid={login}')), qr/^UD069: "filter" is not a filter of LDAP/, 'a filter that is none');
is(call($login, server => server(scope => 'base')), '', 'scope base');
like(call($login, server => server(base_dn => 'dc=example,dc=com')), qr/jane/, 'scope subtree');
is(call($login, server => server(base_dn => 'dc=example,dc=com', scope => 'one')), '', 'scope one');

# 4. Profiles
my $mapped = $json->decode(call($get_user, server => server(attributes => {
	email => 'mail', email_verified => JSON::PP::true, name => '{givenName} {sn}', nickname => '{roomNumber}-{sn}', 'app_metadata.mails' => 'mail:list',
	'app_metadata.number' => 'employeeNumber:number', 'user_metadata.title' => 'TITLE', 'app_metadata.room' => 'roomNumber', phone_number => undef },
	groups => { base_dn => 'ou=groups,dc=example,dc=com' })));
is_deeply({ %$mapped, user_id => 0, app_metadata => { %{ $mapped->{app_metadata} }, groups => [ sort @{ $mapped->{app_metadata}{groups} } ] } },
	{ user_id => 0, email => 'jane@example.com', email_verified => JSON::PP::true, name => 'Jane Doe', user_metadata => { title => 'Captain' },
		app_metadata => { mails => [ 'jane@example.com', 'j.doe@example.com' ], number => 42, groups => [ 'captains', 'cooks', 'sailors' ] } }, 'a map of its own, and groups');
like(call($get_user, server => server(groups => { base_dn => 'ou=groups,dc=example,dc=com', limit => 2 })), qr/^UD069: the user is in more than 2 groups/, 'too many groups');
like(call($get_user, server => server(bind_dn => 'cn=few,ou=services,dc=example,dc=com', groups => { base_dn => 'ou=groups,dc=example,dc=com' })), qr/^UD069: the user is in more than/,
	'the limit of the server cuts nothing off unseen');
like(call($login, server => server(bind_dn => 'cn=few,ou=services,dc=example,dc=com', filter => '(|(uid={login})(uid=*))')), qr/^UD069: more than one entry/, 'a limit of the server at a login');
my $kim = $json->decode(call($login, login => 'kim@corp.example', server => server(%windows)));
is_deeply($kim, { user_id => '33221100-5544-7766-8899-aabbccddeeff', email => 'kim@corp.example', username => 'kim', name => 'Kim Doe', family_name => 'Doe' }, 'Active Directory: the usual profile');
$kim = $json->decode(call($get_user, login => 'kim', server => server(%windows, attributes => {
	'app_metadata.groups' => 'adMemberOf:rdn', 'app_metadata.dns' => 'adMemberOf:list', 'app_metadata.sid' => 'objectSid', 'app_metadata.password_set' => 'pwdLastSet', 'app_metadata.expires' => 'accountExpires',
	'app_metadata.created' => 'whenCreated', picture => 'data:image/jpeg;base64,{thumbnailPhoto}', 'app_metadata.guid' => 'objectGUID:uuid', 'app_metadata.bytes' => 'anyBytes:base64', 'app_metadata.flags' => 'userAccountControl:number' })));
is_deeply($kim->{app_metadata}, { groups => [ 'Sales, EU', 'Everybody' ], dns => [ 'CN=Sales\\2C EU,OU=Groups,DC=corp,DC=example', 'CN=Everybody,DC=corp,DC=example' ], sid => 'S-1-5-21-1004336348-1177238915-682003330-512',
		password_set => '2024-01-17T21:20:00.000Z', created => '2024-02-29T12:34:56.000Z', guid => '00112233-4455-6677-8899-aabbccddeeff', bytes => '//4=', flags => 512 }, 'Active Directory: values of every kind')
  or diag($json->encode($kim));
is($kim->{picture}, 'data:image/jpeg;base64,' . encode_base64($photo, ''), 'Active Directory: a photograph');
like(call($get_user, login => 'kim', server => server(%windows, attributes => { name => 'anyBytes' })), qr/^UD068: attribute "anyBytes" of the entry is not text$/, 'bytes that are no text');
like(call($get_user, login => 'kim', server => server(%windows, attributes => { name => 'cn:number' })), qr/^UD068: attribute "cn" of the entry is no whole number$/, 'a text that is no number');
like(call($get_user, login => 'kim', server => server(%windows, attributes => { name => 'cn:guid' })), qr/^UD068: attribute "cn" of the entry does not have the 16 bytes of a UUID/, 'a text that is no UUID');
like(call($get_user, login => $_, server => server(%windows)), qr/"blocked": true/, "Active Directory: $_ is blocked") for 'gone', 'expired';
like(call($get_user, server => server(id_attribute => 'employeeType')), qr/^UD068: the entry has no attribute "employeeType" that could be the user's id/, 'an entry without an id');

# 5. Protection of the connection
my %tls = (url => $slapd->{tls}, ca_file => $own_ca);
my %start_tls = (url => $slapd->{plain}, start_tls => JSON::PP::true, ca_file => $own_ca);
for my $case ([ 'ldaps', \%tls ], [ 'StartTLS', \%start_tls ])
{
	my ($name, $keys) = @$case;
	like(call($login, server => server(%$keys)), qr/jane/, "$name: a login");
	like(call($login, server => server(%$keys), pw => 'wrong'), $wrong, "$name: a wrong password");
	like(call($login, server => server(%$keys, ca_file => "$slapd->{dir}/other-ca.pem")), qr/^UD068: the directory server cannot be used\nDETAIL:  Of "\S+": TLS: .+/, "$name: another authority");
	like(call($login, server => server(%$keys, ca_file => undef)), qr/^UD068: .*\nDETAIL:  Of "\S+": TLS: /, "$name: an authority that the system does not know");
	like(call($login, server => server(%$keys, ca_file => "$slapd->{dir}/other-ca.pem", insecure => JSON::PP::true)), qr/jane/, "$name: insecure");
	like(call($login, server => server(%$keys, ca_file => "$slapd->{dir}/none.pem")), qr/^UD069: the certificates in "\S+none.pem" cannot be used\nDETAIL:  No such file/, "$name: no such file");
	like(call($login, server => server(%$keys, ca_file => $_)), qr/^UD069: the certificates in "\S+" cannot be used/, "$name: no file of certificates: $_") for '/dev/zero', '/etc/passwd', 'relative.pem';
}
like(call($login, server => server(%tls, url => $tls{url} =~ s/127\.0\.0\.1/127.0.0.2/r)), qr/^UD068: .*\nDETAIL:  Of "\S+": TLS: (?:the certificate is for another host|hostname does not match)/, 'ldaps: another host');
{
	my $old = start_old_tls($slapd->{dir});
	like(call($login, server => server(%tls, url => $old->{url}, timeout => 2)), qr/^UD068: .*\nDETAIL:  Of "\S+": TLS: (?:the server has version TLS1\.1, but 1\.2 is needed|.*protocol version)/, 'ldaps: a version of TLS that is too old');
	stop_slapd($old);
}
like(call($login, server => server(url => "ldap://127.0.0.1:$slapd->{tls_port}")), qr/^UD068: .*\nDETAIL:  Of "\S+": /, 'ldap to a port of ldaps');
like(call($login, server => server(%tls, url => "ldaps://127.0.0.1:$slapd->{port}")), qr/^UD068: .*\nDETAIL:  Of "\S+": /, 'ldaps to a port of ldap');
like(call($login, server => server(url => $slapd->{plain})), qr/jane/, 'ldap on this machine');
like(call($login, server => server(url => 'ldap://192.0.2.1')), qr/^UD069: "ldap:\/\/192.0.2.1" would carry passwords in the clear/, 'ldap to another machine');

# 6. Servers that stand in
like(call($login, server => server(url => "ldap://127.0.0.1:1 $slapd->{socket}")), qr/jane/, 'the second server when the first is down');
like(call($login, server => server(url => [ 'ldapi://%2Fnonexistent%2Fldapi', 'ldap://127.0.0.1:1', $slapd->{plain} ])), qr/jane/, 'the third server');
like(call($login, server => server(url => 'ldap://127.0.0.1:1 ldapi://%2Fnonexistent%2Fldapi')), qr/^UD068: none of the directory servers can be used\nDETAIL:  Of "ldap:\/\/127.0.0.1:1": it could not be reached: Connection refused\.\nOf "ldapi\S+": it could not be reached: No such file or directory\.$/, 'all servers are down');
like(call($login, server => server(url => 'ldaps://no-such-host.invalid')), qr/^UD068: .*\nDETAIL:  Of "\S+": its name was not found: /, 'a name that nobody has');

# 7. New passwords
my $change = 'SELECT userdir.ldap_change_password(:server, :login, :pw, :bind)';
my %manager = (bind_dn => 'cn=manager,dc=example,dc=com');
my @as_manager = (bind => $slapd->{manager_password});
is(call($change, @as_manager, server => server(%manager), pw => 'Newer-Boat-2'), 't', 'a password is changed');
like(call($login), $wrong, 'the old one is wrong then');
like(call($login, pw => 'Newer-Boat-2'), qr/jane/, 'the new one is right');
is(call($change, @as_manager, server => server(%manager)), 't', 'and back');
is(call($change, @as_manager, server => server(%manager), login => 'nobody'), 'f', 'of nobody');
like(call($change, @as_manager, server => server(%manager), pw => ''), $wrong, 'an empty one');
like(call($change), qr/^UD069: the directory server refuses to change a password: Insufficient access/, 'without the right to do so');
like(call('SELECT userdir.ldap_change_password(:server, :login, :pw, NULL)', server => server(bind_dn => undef)), qr/^UD069: "bind_dn" is missing/, 'by nobody');
like(call($change, @as_manager, login => 'kim', server => server(%manager, %windows, url => $slapd->{plain})), qr/^UD069: Active Directory takes new passwords over TLS alone/, 'Active Directory without TLS');
is(call($change, @as_manager, login => 'kim', server => server(%manager, %windows, %tls), pw => 'Pä€😀'), 't', 'Active Directory: changed');
is(call('SELECT userdir.ldap_get_user(:server, :login, :bind)::jsonb -> \'app_metadata\' ->> \'p\'', @as_manager, login => 'kim', server => server(%manager, %windows, attributes => { 'app_metadata.p' => 'unicodePwd:base64' })),
	encode_base64(pack('v*', 0x22, 0x50, 0xe4, 0x20ac, 0xd83d, 0xde00, 0x22), ''), 'Active Directory: in quotes and UTF-16');

# 8. Who may call
$node->safe_psql('postgres', 'CREATE ROLE nobody; GRANT USAGE ON SCHEMA userdir TO nobody');
like(call("SET ROLE nobody; SELECT userdir.ldap_login(:server, :login, NULL)"), qr/^42501: permission denied for function ldap_login/, 'not everybody');

# 9. Other encodings
for my $encoding ('LATIN1', 'SQL_ASCII')
{
	$node->safe_psql('postgres', "CREATE DATABASE other TEMPLATE template0 ENCODING '$encoding' LOCALE 'C'");
	$node->safe_psql('other', 'CREATE EXTENSION userdir_ldap CASCADE');
	my $server = server();
	is($node->safe_psql('other', "SET client_encoding = UTF8; SELECT userdir.ldap_login('$server', 'bjørn', 'Päper-Boat', 'Reader-Boat-1') ->> 'username'"), 'bjørn', "a database in $encoding");
	is($node->safe_psql('other', "SELECT userdir.ldap_get_user('$server', e'\\xe9\\xff', 'Reader-Boat-1') IS NULL"), 't', "bytes that may be no text, $encoding");
	$node->safe_psql('postgres', 'DROP DATABASE other');
}

# 10. The extension is dumped and restored as what it is, and goes.
command_ok([ 'pg_dump', '-f', "$slapd->{dir}/dump.sql", '-d', $node->connstr('postgres') ], 'a dump');
like(read_file("$slapd->{dir}/dump.sql"), qr/CREATE EXTENSION IF NOT EXISTS userdir_ldap WITH SCHEMA userdir/, 'a dump: names the extension');
$node->safe_psql('postgres', 'CREATE DATABASE restored TEMPLATE template0');
command_ok([ 'psql', '-q', '-v', 'ON_ERROR_STOP=1', '-f', "$slapd->{dir}/dump.sql", '-d', $node->connstr('restored') ], 'it is restored');
is($node->safe_psql('restored', q{SELECT count(*) FROM pg_proc p WHERE p.pronamespace = 'userdir'::regnamespace AND p.proname LIKE 'ldap\_%' AND has_function_privilege('public', p.oid, 'EXECUTE')}), '0', 'restored: nothing for PUBLIC');
$node->safe_psql('restored', 'DROP EXTENSION userdir_ldap');
is($node->safe_psql('restored', q{SELECT count(*) FROM pg_proc p WHERE p.pronamespace = 'userdir'::regnamespace AND p.proname LIKE 'ldap\_%'}), '0', 'dropped: nothing stays');
my (undef, undef, $planted) = $node->psql('restored', q{CREATE FUNCTION userdir.ldap_login(jsonb, text, text) RETURNS jsonb LANGUAGE sql AS 'SELECT NULL::jsonb'; CREATE EXTENSION userdir_ldap});
like($planted, qr/stands in schema userdir under a name of the extension/, 'a function that was planted is found');

# 11. The page in docs is true: its blocks are run with this server in the place of the one it names.
my $page = read_file(root_file('docs/ldap.md'));
my @blocks = $page =~ /^```sql\n(.*?)^```/msg;
$node->safe_psql('postgres', 'CREATE DATABASE page TEMPLATE template0; CREATE DATABASE blocks TEMPLATE template0');
cmp_ok(scalar @blocks, '>=', 4, 'docs/ldap.md has blocks');
my $script = join "\n", @blocks;
$script =~ s{ldaps://ldap\.example\.com}{$slapd->{tls}}g;
$script =~ s{/etc/postgresql/ldap-ca\.pem}{$own_ca}g;
my ($status, $out, $err) = $node->psql('page', "CREATE EXTENSION userdir; SELECT userdir.install('page');\n$script", on_error_stop => 1, on_error_die => 0);
is($status, 0, 'docs/ldap.md: every block runs') or diag($err);
like($out, qr/"username": "jane"/, 'docs/ldap.md: an action is tried');
like($out, qr/^success\|auth0\|/m, 'docs/ldap.md: a login at the directory server');
is($node->safe_psql('page', q{SELECT username, email FROM userdir.users}), 'jane|jane@example.com', 'its profile is kept');
is($node->safe_psql('page', q{SELECT (l).outcome, (l).description FROM unnest(ARRAY['wrong', '']) p, LATERAL userdir.login('staff', 'jane', p) l}), "invalid_user_password|Wrong email or password.\n" . 'invalid_user_password|Wrong email or password.', 'wrong and empty passwords');
is($node->safe_psql('page', q{SELECT (userdir.login('staff', 'nobody', 'x')).outcome}), 'invalid_user_password', 'nobody');
$node->safe_psql('page', q{SELECT userdir.login('staff', repeat(' ', n) || 'jane', 'guess', context => '{"ip": "192.0.2.9"}') FROM generate_series(0, 3) n, generate_series(1, 3)});
is($node->safe_psql('page', q{SELECT outcome FROM userdir.login('staff', '    jane', 'guess', context => '{"ip": "192.0.2.9"}')}), 'too_many_attempts', 'guesses count for the account, however its name is spelled');
is($node->safe_psql('page', q{SELECT outcome FROM userdir.login('staff', 'jane', 'Paper-Boat-1', context => '{"ip": "192.0.2.10"}')}), 'success', 'from another address the user logs in');
is($node->safe_psql('page', q{SELECT count(*) FROM userdir.credentials}), '0', 'no password is kept here');

# 12. Nothing stays behind: memory, descriptors, connections.
my $many = $node->background_psql('postgres', on_error_stop => 0);
$many->query_safe('CREATE TEMP TABLE given (server jsonb); INSERT INTO given VALUES (\'' . server() . "'), ('" . server(%tls) . "')");
my $loop = sub {
	my ($times, $server) = @_;
	return <<"END";
DO \$\$ DECLARE s jsonb := (SELECT server FROM given LIMIT 1 OFFSET $server); BEGIN
  FOR i IN 1 .. $times LOOP
    BEGIN PERFORM userdir.ldap_login(s, CASE i % 4 WHEN 0 THEN 'nobody' WHEN 1 THEN 'twins\@example.com' ELSE 'jane' END, CASE i % 4 WHEN 2 THEN 'wrong' ELSE 'Paper-Boat-1' END, 'Reader-Boat-1');
    EXCEPTION WHEN SQLSTATE 'UD060' OR SQLSTATE 'UD069' THEN NULL; END;
  END LOOP; END \$\$;
END
};
my $pid = $many->query_safe('SELECT pg_backend_pid()');
my $measure = sub {
	my ($rss) = read_file("/proc/$pid/status") =~ /^VmRSS:\s+(\d+)/m;
	my $descriptors = grep { (readlink // '') =~ /socket|eventpoll/ } glob("/proc/$pid/fd/*");
	return ($rss, $descriptors, $many->query_safe('SELECT sum(total_bytes) FROM pg_backend_memory_contexts'));
};
$many->query_safe($loop->(400, 0));
$many->query_safe($loop->(200, 1));
my @before = $measure->();
my $start = time;
$many->query_safe($loop->(4000, 0));
my $plain_time = (time - $start) / 4000;
$start = time;
$many->query_safe($loop->(800, 1));
my $tls_time = (time - $start) / 800;
my @after = $measure->();
note(sprintf '%d kB before and %d kB after 4800 logins; %.2f ms a login, %.2f ms with TLS', $before[0], $after[0], 1000 * $plain_time, 1000 * $tls_time);
cmp_ok($after[0] - $before[0], '<', 2048, '4800 logins: the process does not grow') or diag("$before[0] kB, $after[0] kB");
is($after[1], $before[1], '4800 logins: no descriptor stays open');
cmp_ok($after[2] - $before[2], '<', 100_000, '4800 logins: nor memory of the server\'s');
$many->quit;

# 13. No password is in the log.
my $log = slurp_file($node->logfile);
like($log, qr/wrong username or password/, 'errors are logged');
unlike($log, qr/(?:Paper|Newer|Manager|Reader)-Boat|Päper/, 'passwords are not');

stop_slapd($slapd);
like(call($login, server => server(url => $slapd->{plain})), qr/^UD068: the directory server cannot be used\nDETAIL:  Of "\S+": it could not be reached: Connection refused\.$/, 'the server is down');
$node->stop;
done_testing();
