/**
 * The words of servers: those in which they, and what stands before them, say what is wrong. Each is shown though the
 * application has sent it as well, as it tells nothing of what was sent; other words only where nothing that was sent is in them.
 */

const WORDS = `
a able abort about above accept accepts access account acl action active actual add additional address admin
administrator advance after again against age agent alb alert algorithm alias all allow already also alternate
although altname always am amazon amazonaws amount an and annotation another answer any anyone apache api app
application apply approve are array as ascii ask assert at attach attachment attempt attention attribute audience auth
authenticate authentication authoritative authority authorization authorize auto availability available aws azure back
backend bad balance balancer bandwidth base base64 base64url based basic batch be bearer became because become been
before begin behalf being below between beyond big binary bit blob block body bodytimeout boolean boom both bound
boundary break broke broken browser bucket budget buffer build bulk busy but buy by byte bytes cache caddy calculate
call came can cancel cannot capacity case category caught cause cdn certain cert certificate cf chain change character
charset chat check chunk cipher claim clear cli clickhouse client clock close cloud cloudflare cluster code cold
collect collector com come comment commit common compatible complete completion comply component compress compression
compute concurrency concurrent condition config configuration configure confirm conflict connect connection connreset
consider consist constraint consume contact contain content context continue control conversion convert cookie copy
core correct corrupt cors cost could couldn count crash create creation credential credit critical cross csrf current
custom customer cut daily damage data database datadog dataset date day deadline debug decimal declare decode
decompress decrypt deep deeply default define deflate degrade delay delete deliver delivery denied deny depend deploy
deprecate desc describe description deserialize destination detail detect device dial did didn die died differ
different digit direct directive directory disable disabled disallow disconnect discriminator disk display division
dns do document documentation does doesn domain don done double down downstream drain draining drop dropped due dump
duplicate duration during eacces each eai early ecanceled echo econnrefused econnreset edge edit effect ehostunreach
eight either elapse elb element else elsewhere email embedding emfile empty enable enabled encode encoding encounter
encrypt end endpoint enetunreach enforce engine enoent enospc enotfound enough ensure enter enterprise entities
entitle entity entry enum enumerate environment envoy eof eperm epipe equal err error escape establish etag etimedout
eu evaluate evaluation evaluator even event ever every exactly example exceed except exception excess excessive
exclude execute execution exhaust exist expect expectation expire explicit export exporter expose expression extend
extension external extra fail failed failure fall false far fast fatal feature fetch few field file fill filter final
find finish firewall first fit fix flag float flow flush follow for forbid forbidden force form format forward found
frame free frequency frequent from full function further future gateway gb gcp general generate generation generic get
getaddrinfo gib gif give given global go gone good google googleapis got gpt grafana grant greater group grpc
guardrail gzip h2 h2c had half handle handler handshake happen haproxy hard has hash hasn have haven header healthy
heavy held hello help here high hint hit hmac hold honeycomb host hostname hour how hpe html http http2 http3 https
human i i18n id idempotency identifier identity idle if ignore ignored iis illegal image immediate implement import in
inactive include incoming incomplete inconsistent incorrect increase index individual infer info inform information
ingest ingestion init initial initialize inner input insecure insert inside inspect instance instead insufficient int
integer integrity intend interface intermediary internal interrupt interval into introduce invalid invalidate
invocation invoke io ip ipv4 ipv6 is isn iso issue issuer istio it item iterate its itself jaeger job join jpeg js
json just jwt kaput kb keep kept key kib kind know known kong label langfuse language large larger last late later
latest latin layer lead least leave legal length less let letter level library license lie like likely limit limited
line link list listen lite litellm little llm load local locale localhost location lock log login logout long longer
look lookup loop lost low machine made main maintain maintenance make malformed malicious manage management manager
manual many map mark marker match max maximum may maybe mb md5 me mean measure media member memory merge message meta
metadata meter method metric mib middle middleware might migrate migration milli millisecond mime min minimum minor
minute misdirect mismatch miss missing mistake mixed mode model moderate modify module moment money month more most
move mp3 mp4 ms much multi multipart multiple must mutual my name namespace nan need needed negative neither nest
nested network never new newrelic next nginx no node nodejs non none nor normal not note nothing notice now null
nullable nullish number numeric oauth oauth2 object observation observe occur octet of off offset often oidc ok okay
old older on once one only onto open openresty openssl opentelemetry operation operator optimize option optional or
order org organization origin original otel other otherwise otlp our out outage outdated output outside over overflow
overload override own owner package page parallel param parameter parent parse parser part partial partition party
pass passed password past patch path pattern pause pay payload payment pdf peer pending per per-second perform
performance perhaps period permanent permission permit persist person phase php piece pipe pipeline place placeholder
plain plaintext plan platform please plugin png point policy poll pool port position positive possible post postgres
power precondition prefix prepare present prevent previous price primary principal prior priority private problem
process processor produce product production profile program progress prohibit project promise prompt propagate proper
properties property protect proto protobuf protocol provide provider proxy public publish pull purge put py qualify
quality query queue quick quota quote raise range rate rather raw ray reach read reader ready real realm reason
receive receiver recent recognize recommend record recover redirect redis reduce refer reference referrer refresh
refuse regard region register registry reject related release reload remain remote remove rename render repeat replace
replica reply report repository represent request require required reserve reset resolve resource respond response
rest restart restore restrict result resume retriever retry return reuse review revoke rfc right role rollback root
route router routines row rows rpc rule run runtime s3 safe same saml sample sampled sampling save say scale schema
scheme scope scopes score script sdk search sec second secret section secure security see seem seen segment select
self semantic send sender sent separate sequence serialize serve server service session set setting seven severity
sha1 sha256 shall share shed short should shouldn show shut shutdown side sign signal signature signed similar simple
since single site six size skip sleep slice slow small so socket software some something sometimes soon sorry sort
source space span specific specification specify spike split spool sql ssl ssltls sso stack stage stale standard start
state statement static stats status stay step still stop storage store stream strict string strip strong structure
style sub subject submit subscribe subscription subset succeed success such sudden suffix suggest supply support
surrogate suspend svg switch symbol sync synchronize syntax system table tag take taken target task tcp team technical
tempo temporarily temporary tenant term terminate test text than that the their them then there therefore these they
thing this those though thread three threshold throttle through throw thrown thus tie time timed timeout timestamp
title tls tls1 to together token too took tool top total touch trace traceback traefik traffic trail transaction
transfer transform transient translate transmit transport tree trial trigger true trunc truncate trust try ts turn two
type typical udp ui unable unacceptable unassign unauthenticated unauthorize unauthorized unauthorizederror
unavailable unavoidable und undefined under undergo unexpect unexpected unhandled unhealthy unicode union unique unit
unknown unless unlimited unmatched unprocess unprocessable unreachable unreadable unrecognized unresolved unsafe
unsent unset unspecific unspecified unsupported until unused unusual up update upgrade upload upper upstream uri url
urlencoded us usage use used useful user usual utc utf utf-8 utf16 utf8 uuid uuid4 v0 v1 v2 v3 v4 v5 valid validate
validation validator value variable variant various varnish vary verb verbose verify version very via view violate
violation virtual visible visit visitor vs waf wait waiting want warn warning was wasn wav way we web webp webpage
webserver website week weight welcome well went were what when where whether which while white who whole whose why
wide wild will window wire wiretype wish with within without won word work worked worker workers workspace world would
wouldn wrap write written wrong www www-authenticate x x509 xml yaml year yes yet you your yourself zero zod zone
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
