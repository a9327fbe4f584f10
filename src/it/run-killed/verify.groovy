import static io.github.bitbucketpipelines.maven.testing.InvokerBitbucket.contains
import io.github.bitbucketpipelines.maven.rehearsal.RunScript
import io.github.bitbucketpipelines.maven.rehearsal.StepScript
import io.github.bitbucketpipelines.maven.testing.ForkedMaven
import io.github.bitbucketpipelines.maven.testing.InvokerBitbucket
import io.github.bitbucketpipelines.maven.testing.WrittenReports
import java.time.Duration
import java.util.concurrent.ConcurrentHashMap
import java.util.concurrent.CountDownLatch
import java.util.concurrent.Executors
import java.util.concurrent.TimeUnit

// A build of its own for each signal, at each moment, with each onInterrupt; the repository is called by all three.
// Four of them on a push, all in the matrix.
def exits = [TERM: 143, INT: 130, KILL: 137, KEY: 130]
def heedsInterrupts = ForkedMaven.heedsInterrupts()
def signals = heedsInterrupts ? ['TERM', 'INT', 'KILL'] : ['TERM', 'KILL']
def cases = [['TERM', 'step', 'stop'], ['TERM', 'lost', 'leave'], ['TERM', 'listing', 'stop'], [signals[1], 'queue', 'leave']]
if (Boolean.parseBoolean(everyCase)) {
    cases = [signals, ['queue', 'step'], ['leave', 'stop']].combinations()
    // The trigger is on its way: responded to a moment after the signal, or never.
    cases += [['TERM'], ['trigger', 'lost'], ['leave', 'stop']].combinations()
    // Before the trigger: it is never sent.
    cases += [signals, ['listing', 'busy'], ['leave', 'stop']].combinations()
    // Ctrl-C in a terminal, where Maven 3.10 and 4 have JLine handle the signals.
    if (heedsInterrupts && ForkedMaven.hasTerminals()) {
        cases += [['KEY'], ['step'], ['leave', 'stop']].combinations()
    }
}

InvokerBitbucket bitbucket = InvokerBitbucket.of(context)
Map<String, CountDownLatch> reached = new ConcurrentHashMap<>()
Map<String, CountDownLatch> killed = new ConcurrentHashMap<>()
Set<String> showedTheStep = ConcurrentHashMap.newKeySet()

bitbucket.embedded().intercept { request, next ->
    def matcher = request.path() =~ '/repositories/acme/([^/]+)/(.*)'
    if (!matcher || !reached.containsKey(matcher[0][1])) {
        return next.proceed()
    }
    String name = matcher[0][1], what = matcher[0][2]
    String moment = name.split('-')[1]
    // The list before the trigger, or that of onBusy=wait: responded to a moment after the signal.
    if (moment in ['listing', 'busy'] && request.method() == 'GET' && what == 'pipelines') {
        def response = next.proceed()
        reached[name].countDown()
        killed[name].await(1, TimeUnit.MINUTES)
        return response
    }
    if (request.method() == 'POST' && what == 'pipelines') {
        def response = next.proceed()
        if (moment in ['trigger', 'lost']) {
            reached[name].countDown()
            killed[name].await(1, TimeUnit.MINUTES)
        }
        return response
    }
    boolean watches = request.method() == 'GET' && what ==~ 'pipelines/.+'
    // A build that sends another request has read the response before it, and shown it.
    if (watches && (moment == 'queue' || name in showedTheStep)) {
        reached[name].countDown()
    }
    def response = next.proceed()
    if (watches && what.matches('.*/steps/?')) {
        showedTheStep << name
    }
    return response
}

def kill = { String signal, String moment, String onInterrupt ->
    String name = "${signal.toLowerCase()}-$moment-$onInterrupt"
    def script = RunScript.of(StepScript.named('Build').lasting(Duration.ofHours(1)))
    def repository = bitbucket.embedded().repository('acme', name).branch('main', '5f0c1d2e3f405162738495a6b7c8d9e0f1a2b3c4')
            .nextBuildNumber(42).next(moment == 'queue' ? script.pending(Duration.ofHours(1)) : script)
    if (moment == 'busy') {
        repository.push('main', script)
    }
    reached[name] = new CountDownLatch(1)
    killed[name] = new CountDownLatch(1)
    def start = signal == 'KEY' ? ForkedMaven.&startInTerminal : ForkedMaven.&start
    try (ForkedMaven maven = start(basedir, new File(basedir, "${name}.log"), [
            '-B', '-s', '../interpolated-settings.xml', "-Dmaven.repo.local=$localRepositoryPath".toString(),
            "-Dbitbucket.apiUrl=${bitbucket.embedded().apiUrl()}".toString(), "-Dbitbucket.repository=acme/$name".toString(),
            "-Dbitbucket.onInterrupt=$onInterrupt".toString(), "-Dbitbucket.onBusy=${moment == 'busy' ? 'wait' : 'start'}".toString(),
            "-Dbitbucket.outputDirectory=target/$name".toString(),
            'bitbucket-pipelines:run'])) {
        assert reached[name].await(1, TimeUnit.MINUTES): "$name: ${maven.console()}"
        long before = System.nanoTime()
        signal == 'KEY' ? maven.interruptKey() : maven.signal(signal)
        if (moment in ['trigger', 'listing', 'busy']) {
            killed[name].countDown()
        }
        def exit = maven.exitWithin(Duration.ofSeconds(5))
        killed[name].countDown()
        assert exit.present: "$name is still there after 5 s: ${maven.console()}"
        println "$name: gone after ${Duration.ofNanos(System.nanoTime() - before).toMillis()} ms"
        assert exit.asInt == exits[signal]: name

        String console = maven.console()
        if (moment in ['listing', 'busy']) {
            assert repository.runs().size() == (moment == 'busy' ? 1 : 0): name
            if (signal != 'KILL') {
                contains(console, 'Killed before a trigger: nothing was triggered')
            }
            def result = new File(basedir, "target/$name/default-cli.json")
            // The goal's own thread may still get to it before the JVM ends.
            assert !result.exists() || new groovy.json.JsonSlurper().parse(result).outcome == 'NO_RUN': name
            return
        }
        boolean stops = onInterrupt == 'stop' && signal != 'KILL' && moment != 'lost'
        assert repository.runs().size() == 1: name
        assert repository.lastRun().stopRequests() == (stops ? 1 : 0): name
        if (moment == 'lost') {
            contains(console, 'Killed before Bitbucket confirmed a run', 'there may be one. To wait for it: mvn ', '-Dbitbucket.receipt=')
            def intent = new groovy.json.JsonSlurper().parse(new File(basedir, "target/$name/default-cli.json"))
            assert intent.outcome in ['TRIGGERING', 'IN_DOUBT'] && intent.trigger.newestNumber == 0 && intent.target.branch == 'main'
            return
        }
        if (moment in ['queue', 'step']) {
            contains(console, "Triggered pipeline #42 on branch main of acme/$name")
        }
        if (moment == 'step') {
            assert console =~ /#42 Build +IN_PROGRESS/: name
        }
        if (stops) {
            contains(console, 'Killed: pipeline #42 was requested to stop')
        } else if (signal != 'KILL') {
            contains(console, 'Killed: pipeline #42 goes on. To wait for it again: mvn io.github.bitbucketpipelines:',
                    ':wait "-Dbitbucket.number=42" "-Dbitbucket.repository=acme/' + name + '"',
                    "https://bitbucket.org/acme/$name/pipelines/results/42")
        }
        // After a SIGKILL nothing prints the number; the receipt on disk has it.
        def receipt = new groovy.json.JsonSlurper().parse(new File(basedir, "target/$name/default-cli.json"))
        assert receipt.subMap('workspace', 'repository', 'number', 'uuid') ==
                [workspace: 'acme', repository: name, number: 42, uuid: repository.lastRun().uuid()]
        assert receipt.target.branch == 'main'
        // The one that got SIGKILL printed nothing at its end. Nothing is left half-written.
        assert receipt.outcome == (signal == 'KILL' ? 'GOING' : 'INTERRUPTED')
        assert new File(basedir, "target/$name").list().every { it ==~ /.*\.(json|html|css|xml|lock)/ }
        if (signal != 'KILL') {
            contains(console, '[WARNING] Report: ' + ['target', name, 'default-cli.html'].join(File.separator))
            WrittenReports.check(basedir.toPath().resolve("target/$name"), InvokerBitbucket.schema(basedir.toPath()))
        }
    }
}

// Several runs: each has its last words, and one command waits for all of them.
def killPlan = {
    ['plan-api', 'plan-web'].each {
        bitbucket.embedded().repository('acme', it).branch('main', '5f0c1d2e3f405162738495a6b7c8d9e0f1a2b3c4')
                .nextBuildNumber(42).next(RunScript.of(StepScript.named('Build').lasting(Duration.ofHours(1))))
    }
    try (ForkedMaven maven = ForkedMaven.start(basedir, new File(basedir, 'plan.log'), [
            '-B', '-s', '../interpolated-settings.xml', "-Dmaven.repo.local=$localRepositoryPath".toString(),
            "-Dbitbucket.apiUrl=${bitbucket.embedded().apiUrl()}".toString(), '-Dbitbucket.outputDirectory=target/plan',
            'bitbucket-pipelines:run@plan'])) {
        while (!(maven.console() =~ /api #42 Build +IN_PROGRESS/) || !(maven.console() =~ /web #42 Build +IN_PROGRESS/)) {
            assert maven.exitWithin(Duration.ofMillis(50)).empty: maven.console()
        }
        maven.signal('TERM')
        assert maven.exitWithin(Duration.ofSeconds(5)).present
        contains(maven.console(), 'Killed: pipeline #42 goes on',
                'Killed: several runs go on. To wait for all of them: mvn io.github.bitbucketpipelines:', ':wait "-Dbitbucket.receipt=')
        def result = new groovy.json.JsonSlurper().parse(new File(basedir, 'target/plan/plan.json'))
        assert result.outcome == 'INTERRUPTED' && result.verdict == 'UNKNOWN'
        assert result.runs*.number == [42, 42, null] && result.runs[2].result == 'NOT_RUN'
        assert new File(basedir, 'target/plan/plan.html').text.contains('INTERRUPTED')
        WrittenReports.check(basedir.toPath().resolve('target/plan'), InvokerBitbucket.schema(basedir.toPath()))
    }
}

// The last words of a rehearsal, too, say that they are of one.
def killRehearsal = {
    try (ForkedMaven maven = ForkedMaven.start(basedir, new File(basedir, 'rehearsal.log'), [
            '-B', '-s', '../interpolated-settings.xml', "-Dmaven.repo.local=$localRepositoryPath".toString(),
            '-Dbitbucket.rehearse', '-Dbitbucket.repository=acme/shop', 'bitbucket-pipelines:run'])) {
        while (!maven.console().contains('IN_PROGRESS')) {
            assert maven.exitWithin(Duration.ofMillis(50)).empty: maven.console()
        }
        maven.signal('TERM')
        assert maven.exitWithin(Duration.ofSeconds(5)).present
        contains(maven.console(), '[WARNING] [rehearsal] Killed: pipeline #6 goes on')
    }
}

def threads = Executors.newFixedThreadPool(2)
try (bitbucket) {
    threads.invokeAll(cases.collect { one -> { -> kill(*one) } } << killRehearsal << killPlan).each { it.get() }
    bitbucket.created(cases.count { !(it[1] in ['listing', 'busy']) } + 2)
} finally {
    threads.shutdown()
}
return
