/**
 * The words of servers: those in which they, and what stands before them, say what is wrong. Each is shown though the
 * application has sent it as well, as it tells nothing of what was sent; other words only where nothing that was sent is in them.
 */

const WORDS = `
a able about above abort accept access account acl action active actual add additional address admin administrator advance
after again against age agent alert algorithm alias all allow already also alternate altname although always am amazon
amazonaws amount an and annotation another answer any anyone apache api app application apply approve are array as ask assert
at attach attempt attribute audience auth authenticate authentication authoritative authority authorization authorize auto
availability available aws azure back backend bad balance balancer bandwidth base based basic batch be bearer became because
become been before begin behalf being below between beyond big binary bit blob block body boolean boom both bound boundary
break broke broken browser bucket budget buffer build bulk busy but buy by byte bytes
cache call came can cannot cancel capacity case category caught cause certain certificate chain change character charset check
chunk cipher claim clear clickhouse client clock close cloud cloudflare cluster code collect collector com come comment commit
common compatible complete completion comply component compress compression compute concurrency concurrent condition config
configuration configure confirm conflict connect connection consider consist constraint consume contact contain content context
continue control conversion convert cookie copy core correct corrupt cost could couldn count crash create creation credential
credit critical cross csrf current custom customer cut daily damage data database dataset date day deadline debug decimal
declare decode decompress decrypt default define deflate degrade delay delete deliver delivery deny denied depend deploy
deprecate deserialize describe description destination detail detect device did didn die differ different digit direct
directive directory disable disabled disallow disconnect disk display division dns do document documentation does doesn
domain don done double down downstream drain draining drop due dump duplicate duration during
each early echo edge edit effect eight either element elapse else elsewhere email empty enable enabled encode encoding
encounter encrypt end endpoint enforce engine enough ensure enter enterprise entitle entity entry enum environment envoy equal
error escape establish etag eu evaluate evaluation even event ever every exactly example exceed except exception exclude
excess excessive execute execution exhaust exist expect expectation expire explicit export exporter expose expression extend
extension external extra
fail failed failure fall false far fast fatal feature fetch few field file fill filter final find finish firewall first fit
fix flag float flow flush follow for forbid forbidden force form format forward found frame free frequent frequency from full
function further future gateway general generate generation generic get give given global go gone good google googleapis
got grant greater group grpc gzip had half handle handler handshake happen hard has hasn hash have haven header heavy held
hello help here high hint hit hold host hostname hour how html http https human
i id idempotency identifier identity idle if ignore ignored illegal image immediate implement import in inactive include
incoming incomplete inconsistent incorrect increase index individual infer info inform information ingest ingestion init
initial initialize inner input insecure insert inside inspect instance instead insufficient int integer integrity intend
interface intermediary internal interrupt interval into introduce invalid invalidate invoke ip is isn iso issue issuer it
item iterate its itself job join json just keep kept key kind know known label langfuse language large larger last late
later latest layer lead least leave legal length less let letter level library license lie like likely limit limited line
link list listen lite little llm load local locale location lock log login logout long longer look lookup loop lost low
machine made main maintain maintenance make malformed malicious manage manager management manual many map mark marker match
max maximum may maybe me mean measure media member memory merge message meta metadata meter method metric middle middleware
might migrate migration milli millisecond mime min minimum minor minute misdirect mismatch miss missing mistake mixed mode
model moderate modify module moment money month more most move much multi multipart multiple must mutual my
name namespace nan negative neither network never new next nginx no node non none nor normal not note nothing notice now null
nullable number numeric object observation observe occur of off offset often ok okay old older on once one only onto open
openresty opentelemetry operation operator optimize option optional or order org organization origin original otel other
otherwise otlp our out outage outdated output outside over overflow overload override own owner
package page parallel param parameter parent parse parser part partial partition party pass passed password past patch path
pattern pause pay payload payment peer pending per perform performance perhaps period permanent permission permit persist
person phase php piece pipe pipeline place placeholder plain plan platform please plugin point policy poll pool port position
positive possible post postgres power precondition prefix prepare present prevent previous price primary principal prior
priority private problem process processor produce product production profile program progress prohibit project promise prompt
propagate proper properties property protect protobuf protocol provide provider proxy public publish pull purge put
qualify quality query queue quick quota quote raise range rate rather raw raise reach read reader ready real realm reason
receive receiver recent recognize recommend record recover redirect redis reduce refer reference referrer refresh refuse
regard region register registry reject related release reload remain remote remove rename render repeat replace replica reply
report repository represent request require required reserve reset resolve resource respond response rest restart restore
restrict result resume retry return reuse review revoke right role rollback root route router row rpc rule run runtime
s safe same sample save say scale schema scheme scope score script search second secret section secure security see seem seen
segment select self semantic send sender sent separate sequence serialize serve server service session set setting seven
severity shall share shed short should shouldn show shut shutdown side sign signal signature signed similar simple since
single site six size skip sleep slice slow small so socket software some something sometimes soon sort source space span
specific specification specify split spool sql ssl stack stage stale standard start state statement static stats status stay step
still stop storage store stream strict string strip strong structure style sub subject submit subscribe subscription subset
succeed success such sudden suffix suggest supply support surrogate suspend switch symbol sync syntax synchronize system
t table tag take taken target task team technical temporary tenant term terminate test text than that the their them then
there therefore these they thing this those though thread three threshold throttle through throw thrown thus tie time timeout
timestamp timed title tls to together token too took top total touch trace traceback traefik traffic trail transaction transfer
transform transient translate transport transmit tree trial trigger true trunc truncate trust try turn two type typical
ui unable unacceptable unassign unauthenticated unauthorize unauthorized unavailable unavoidable undefined under undergo
unexpect unexpected unhandled unhealthy unicode union unique unit unknown unless unlimited unmatched unprocess unprocessable
unreachable unreadable unrecognized unresolved unsafe unset unspecified unsupported until unused unusual up update upgrade
upload upper upstream uri url us usage use used useful user usual utf utc uuid
v valid validate validation validator value variable variant varnish various vary verb verbose verify version very via view
violate violation virtual visible visit visitor wait want warn warning was wasn way we web webpage webserver website week
weight welcome well went were what when where whether which while white who whole whose why wide wild will window wire wish
with within without won word work worker workspace world would wouldn wrap write written wrong www xml yaml year yes yet you
your yourself zero zod zone
econnrefused econnreset enotfound etimedout epipe eacces enoent ehostunreach enetunreach eai ecanceled enospc eperm emfile
err und getaddrinfo connreset hpe bodytimeout alert unspecific openssl routines ssltls x client's utf8 utf16 utf-8 base64
base64url sha256 sha1 md5 http2 http3 h2 h2c tls1 x509 oauth oauth2 s3 v0 v1 v2 v3 v4 v5 ipv4 ipv6 i18n gcp alb elb cdn waf
cors jwt sso saml oidc hmac tcp udp dial eof io kb mb gb kib mib gib ms sec min iis haproxy litellm caddy kong istio grafana
tempo jaeger honeycomb datadog newrelic uuid4 ray cf rfc ascii latin nodejs js ts py sdk cli gpt svg png pdf gif jpeg webp mp3
mp4 wav octet urlencoded www-authenticate charset plaintext localhost worked workers died two event's unsent kaput
need needed temporarily sorry attention healthy invocation calculate desc proto vs restrict nest nested deep deeply guardrail
retriever evaluator embedding chat agent tool release tag discriminator array enumerate root attachment float nullish accepts
unauthorizederror kind wiretype sampled sampling dropped rows scope scopes limit's per-second entities cold spike waiting
`;

const KNOWN: ReadonlySet<string> = new Set(WORDS.trim().split(/\s+/));

/** Endings of words, and what stands in their place in the word that has none. */
const ENDINGS: readonly (readonly [string, readonly string[]])[] = [
  ['ies', ['y']],
  ['ied', ['y']],
  ['es', ['', 'e']],
  ['s', ['']],
  ['ed', ['', 'e']],
  ['ing', ['', 'e']],
  ['er', ['', 'e']],
  ['ly', ['', 'le']],
  ['able', ['', 'e']],
  ['ion', ['', 'e']],
  ['ment', ['']],
  ['ness', ['']],
];
/** Shorter stems are stems of anything. */
const MIN_STEM = 3;

export function isKnownWord(word: string): boolean {
  const lower = word.toLowerCase();
  if (KNOWN.has(lower)) return true;
  return ENDINGS.some(([ending, instead]) => {
    if (!lower.endsWith(ending) || lower.length - ending.length < MIN_STEM) return false;
    const stem = lower.slice(0, -ending.length);
    const isDoubled = stem.at(-1) === stem.at(-2);
    return instead.some((end) => KNOWN.has(stem + end)) || (isDoubled && KNOWN.has(stem.slice(0, -1)));
  });
}

/** `parentObservationId`, `HTTPError`: a name of several words. */
export function isKnownName(name: string): boolean {
  if (isKnownWord(name)) return true;
  const words = name.match(/[A-Z]+(?![a-z])|[A-Z]?[a-z]+/g) ?? [];
  return (
    words.length > 1 && words.join('') === name && words.every((word) => word.length > 1 && isKnownWord(word))
  );
}
