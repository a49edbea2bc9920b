/**
 * The words that may be shown of untrusted text: those in which servers and proxies say what is wrong. Such a word is shown even if
 * the application has sent it too, as it reveals nothing. No other word is shown.
 */

const WORDS = `
a able abort about above abuse accept accepts access account acl acquire action active actual add additional address
admin administrator advance after again against age agent alb alert algorithm alias all allow already also alternate
although altname always am amazon amazonaws amount an and annotation another answer any anyone apache api app
application apply approve are array arrive as ascii ask assert assign assume at attach attachment attempt attention
attribute audience auth authenticate authentication authoritative authority authorization authorize auto availability
available avoid await aws azure back backend bad balance balancer bandwidth base base64 base64url based basic batch be
bearer became because become been before begin behalf being below between beyond big bill billing binary birth bit
blob block body bodytimeout boolean boom both bound boundary break broke broken browser bucket budget buffer build
bulk burst busy but buy by bypass byte bytes cache caddy calculate call came can cancel cannot cap capacity card carry
case category caught cause cdn cease cert certain certificate cf chain change character charset chart chat check chunk
cipher claim clear cli clickhouse client clock close cloud cloudflare cloudfront cluster code cohort cold collect
collector column com come commence comment commit common compatible complete completion compliance comply component
compress compression compute concurrency concurrent condition config configuration configure confirm conflict connect
connection connreset consider consist constraint consult consume contact contain content context continue control
conversion convert cookie copy core correct corrupt cors cost could couldn count country courtesy crash create
creation credential credit critical cron cross csrf current custom customer cut cycle daily damage dash data database
datadog dataset date day deadline deadlock debug decimal declare decline decode decompress decrypt dedicated deep
deeply default define deflate degrade delay delegate delete deliver delivery denied deny depend dependency deploy
deprecate desc describe description deserialize destination destroy detail detect device dial did didn die died differ
different digit direct directive directory disable disabled disallow discard disconnect discriminator disk dispatch
display distribution division dns do docker document documentation does doesn domain don done double down downgrade
downstream drain draining drift driver drop dropped due dump duplicate duration during eacces each eai early east
ecanceled echo econnrefused econnreset edge edit effect ehostunreach eight either elapse elb element else elsewhere
email embedding emfile emit empty enable enabled encode encoding encounter encrypt end endpoint enetunreach enforce
engine enoent enospc enotfound enough enqueue ensure enter enterprise entire entities entitle entity entry enum
enumerate environment envoy eof eperm epipe epoch equal era err error escape establish etag etimedout eu evaluate
evaluation evaluator even event ever every exact exactly example exceed except exception excess excessive exclude
execute execution exhaust exist exit expect expectation expire explicit export exporter expose expression extend
extension external extra extract fail failed failure fair fall fallback false far fast fatal fault feature federation
fetch few field file fill filter final find fingerprint finish firewall first fit fix flag float flow flush follow for
forbid forbidden force foreign form format forward found frame free frequency frequent friday from fulfil full
function further future gateway gb gcp general generate generation generic get getaddrinfo gib gif give given global
gmt go gone good google googleapis got gpt grafana grant greater group grpc guard guardrail guest guide gzip h2 h2c
had half handle handler handshake hang happen haproxy hard has hash hasn have haven header healthy heap heavy held
hello help here high hint hit hmac hold honeycomb host hostile hostname hour how hpe html http http2 http3 https human
i i18n id idempotency identifier identity idle if ignore ignored iis illegal image immediate implement import in
inactive incident include incoming incomplete inconsistent incorrect increase index individual infer info inform
information infrastructure ingest ingestion inherit init initial initialize inner input insecure insert inside inspect
install instance instead instruct insufficient int integer integrate integrity intend interface intermediary internal
interrupt interval into introduce intrusion invalid invalidate invite invocation invoice invoke io ip ipv4 ipv6 is isn
iso issue issuer istio it item iterate its itself jaeger job join jpeg js json just jwt kafka kaput kb keep kept key
kib kind know known kong kubernetes label lack lag langfuse language large larger last late latency later latest latin
launch layer lead least leave ledger legal length less let letter level library license lie like likely limit limited
line link list listen lite litellm little llm load local locale localhost location lock log login logout long longer
look lookup loop lost low machine made main maintain maintenance make malformed malicious malware manage management
manager manual many map mark marker match max maximum may maybe mb md5 me mean measure mechanism media member memory
merge message meta metadata meter method metric mib middle middleware midnight might migrate migration milli
millisecond mime min minimal minio minimum minor minute misdirect mismatch miss missing mistake mixed mode model moderate
modify module moment monday money month more most mount move mp3 mp4 ms much multi multipart multiple must mutation
mutex mutual my name namespace nan native nearest need needed negative neither nest nested network never new newrelic
next nginx no node nodejs non none nor normal north not note nothing notice notify now null nullable nullish number
numeric oauth oauth2 object observation observe occur octet of off offset often oidc ok okay old older oldest on once
one only onto open openresty openssl opentelemetry operate operation operator optimize option optional or order org
organization origin original otel other otherwise otlp our out outage outbound outdated output outside over overdue
overflow overload override own owner package page paid panic parallel param parameter parent parse parser part partial
partition party pass passed password past patch path pattern pause pay payload payment pdf peak peer penalty pending
per per-second perform performance perhaps period permanent permission permit persist person phase phone php piece
ping pipe pipeline place placeholder plain plaintext plan platform please plugin png pod point policy poll pool port
position positive possible post postgres postgresql power precede precondition prefix prepare present prevent previous
price primary principal prior priority prisma private probe problem process processor produce product production
profile program progress prohibit project promise prompt propagate proper properties property protect proto protobuf
protocol provide provider provision proxy public publish pull purge put py qualify quality quarantine query queue
quick quota quote raise range rapid rate rather ratio raw ray reach read reader ready real realm reason receipt
receive receiver recent recognize recommend reconnect record recover recreate redirect redis reduce refer reference
referrer refresh refuse regard region register registry reject related release reload remain remote remove rename
render renew repeat replace replica reply report repository represent request require required rerun reschedule resend
reserve reset resolve resource respond response rest restart restore restrict result resume retriever retry return
reuse review revoke rfc right role rollback root rotate route router routines row rows rpc rule run runtime s3 safe
same saml sample sampled sampling sandbox saturate saturated saturday save say scale scan schema scheme scope scopes
score script sdk search seat sec second secret section secure security see seem seen segment select self semantic send
sender sent sentry separate sequence serialize serve server service session set setting seven severe severity sha sha1
sha256 shall share shed short should shouldn show shut shutdown side sign signal signature signed signup similar
simple since single sink site six size skip sleep slice slot slow small snapshot so socket software some something
sometimes somewhere soon sorry sort source south space spam span specific specification specify spend spike split
spool sql ssl ssltls sso stack stage stale stall standard start state statement static stats status stay step still
stop storage store stream strict string strip strong structure stuck style sub subject submit subscribe subscription
subset succeed success such sudden suffix suggest sunday supabase supply support surpass surrogate suspect suspend
suspicious svg sweep switch symbol sync synchronize syntax system table tag take taken target task tcp team technical
tempo temporarily temporary tenant term terminate test text than that the their them then there therefore these they
thing this those though thread threat three threshold throttle through throw thrown thursday thus tie tier time timed
timeout timestamp title tls tls1 to today together token tomorrow too took tool top total touch trace traceback
traefik traffic trail transaction transfer transform transient transition translate transmit transport tree trial
trigger trim true trunc truncate trust try ts tuesday tunnel turn two type typical udp ui unable unacceptable unassign
unauthenticated unauthorize unauthorized unauthorizederror unavailable unavoidable und undefined under undergo
underlying unexpect unexpected unhandled unhealthy unicode unify union unique unit unknown unless unlimited unlock
unmatched unprocess unprocessable unreachable unreadable unrecognized unresolved unsafe unsent unset unspecific
unspecified unsupported until unused unusual up update upgrade upload upper upstream uri url urlencoded us usage use
used useful user usual utc utf utf-8 utf16 utf8 utilization uuid uuid4 v0 v1 v2 v3 v4 v5 valid validate validation
validator value variable variant various varnish vary vault vendor verb verbose vercel verify version very via view
violate violation virtual visible visit visitor vs waf wait waiting want warn warning was wasn wav way we web webp
webpage webserver website wednesday week weight welcome well went were west what when where whether which while white
who whole whose why wide wild will window wire wiretype wish with within without won word work worked worker workers
workspace world would wouldn wrap write written wrong www www-authenticate x x509 xml yaml year yes yesterday yet you
your yourself zero zip zod zone
`;

let listed: ReadonlySet<string> | undefined;

/** Made at the first use: most processes never show untrusted text. */
function knownWords(): ReadonlySet<string> {
  listed ??= new Set(WORDS.trim().split(/\s+/));
  return listed;
}

/** Endings of words, and their replacements in the word without that ending. */
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
/** Shorter stems fit too many words. */
const MIN_STEM = 3;

export function isKnownWord(word: string): boolean {
  const lower = word.toLowerCase();
  const known = knownWords();
  if (known.has(lower)) return true;
  return ENDINGS.some(([ending, instead]) => {
    if (!lower.endsWith(ending) || lower.length - ending.length < MIN_STEM) return false;
    const stem = lower.slice(0, -ending.length);
    const isDoubled = stem.at(-1) === stem.at(-2);
    return instead.some((end) => known.has(stem + end)) || (isDoubled && known.has(stem.slice(0, -1)));
  });
}

/** Also names of several known words: `parentObservationId`, `HTTPError`. */
export function isKnownName(name: string): boolean {
  if (isKnownWord(name)) return true;
  const words = name.match(/[A-Z]+(?![a-z])|[A-Z]?[a-z]+/g) ?? [];
  return (
    words.length > 1 && words.join('') === name && words.every((word) => word.length > 1 && isKnownWord(word))
  );
}
