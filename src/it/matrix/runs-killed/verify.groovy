import static io.github.bitbucketpipelines.maven.testing.InvokerBitbucket.contains
import groovy.json.JsonSlurper
import io.github.bitbucketpipelines.maven.rehearsal.RunScript
import io.github.bitbucketpipelines.maven.rehearsal.StepScript
import io.github.bitbucketpipelines.maven.testing.ForkedMaven
import io.github.bitbucketpipelines.maven.testing.InvokerBitbucket
import io.github.bitbucketpipelines.maven.testing.WrittenReports
import java.time.Duration

// Three repositories for each case. While Maven is killed, runs last an hour; then Bitbucket's clock moves on.
InvokerBitbucket bitbucket = InvokerBitbucket.of(context)
def exits = [TERM: 143, KILL: 137]

def start = { String name, String goal, String... more ->
    ForkedMaven.start(basedir, new File(basedir, "${name}.log"), [
            '-B', '-s', '../../interpolated-settings.xml', "-Dmaven.repo.local=$localRepositoryPath".toString(),
            "-Dbitbucket.apiUrl=${bitbucket.embedded().apiUrl()}".toString(), "-Dcase=$name".toString(), goal] + more.toList())
}

// A later build, in the same directory.
def build = { String name, int exit, String goal, String... more ->
    try (ForkedMaven maven = start(name, goal, more)) {
        def actual = maven.exitWithin(Duration.ofMinutes(2))
        assert actual.present && actual.asInt == exit: "$name, $goal: ${maven.console()}"
        return maven.console()
    }
}

def repository = { String name, String run -> bitbucket.embedded().repository('acme', "$name-$run".toString()) }

// How many runs api, web and docs have.
def runs = { String name -> ['api', 'web', 'docs'].collect { repository(name, it).runs().size() } }

def result = { String name, String execution = 'release' -> new JsonSlurper().parse(new File(basedir, "target/$name/${execution}.json")) }

// Kills a build while all of these runs are in progress; returns what it printed.
def kill = { String name, String signal, List<String> going, String onInterrupt = 'leave' ->
    ['api', 'web', 'docs'].each {
        def lasting = it in going ? Duration.ofHours(1) : Duration.ofMillis(300)
        repository(name, it).branch('main', '5f0c1d2e3f405162738495a6b7c8d9e0f1a2b3c4').nextBuildNumber(42)
                .next(RunScript.of(StepScript.named('Build').lasting(lasting)))
    }
    try (ForkedMaven maven = start(name, 'bitbucket-pipelines:run@release', "-Dbitbucket.onInterrupt=$onInterrupt".toString())) {
        while (!going.every { maven.console() =~ "$it #42 Build +IN_PROGRESS" }) {
            assert maven.exitWithin(Duration.ofMillis(50)).empty: "$name: ${maven.console()}"
        }
        maven.signal(signal)
        def exit = maven.exitWithin(Duration.ofSeconds(5))
        assert exit.present && exit.asInt == exits[signal]: "$name: ${maven.console()}"
        return maven.console()
    }
}

def time = { bitbucket.forward(Duration.ofHours(2)) }

def cases = [
    // There is no last line; the next build triggers nothing beside the runs, and wait finds those that were triggered.
    'kill-leave': { String name ->
        kill(name, 'KILL', ['api', 'web'])
        assert result(name).outcome == 'GOING' && result(name).runs*.id == ['api', 'web', 'docs']
        contains(build(name, 1, 'bitbucket-pipelines:run@release'),
                "Run 'api': Pipeline #42 on branch main of acme/$name-api has not ended",
                'no other run was triggered (onUnfinished=fail)')
        assert runs(name) == [1, 1, 0]
        time()
        contains(build(name, 1, 'bitbucket-pipelines:wait', '-Dbitbucket.receipt=release', "-Dbitbucket.outputDirectory=target/$name"),
                "[INFO] api #42 Pipeline #42 on branch main of acme/$name-api is SUCCESSFUL",
                "[INFO] web #42 Pipeline #42 on branch main of acme/$name-web is SUCCESSFUL",
                'not run: docs')
        def waited = result(name, 'default-cli')
        assert waited.outcome == 'OVER' && waited.verdict == 'FAIL'
        assert waited.runs*.result == ['SUCCESSFUL', 'SUCCESSFUL', 'NOT_RUN']
        assert runs(name) == [1, 1, 0]
    },
    // The command that the killed build printed waits for all of them, from wherever it is typed.
    'term-leave': { String name ->
        String console = kill(name, 'TERM', ['api', 'web'])
        assert console.count('Killed: pipeline #42 goes on') == 2
        def command = console =~ /Killed: several runs go on. To wait for all of them: mvn (\S+:wait) (.*)/
        assert command.find(): console
        assert result(name).outcome == 'INTERRUPTED' && result(name).verdict == 'UNKNOWN'
        assert result(name).runs*.number == [42, 42, null]
        def arguments = command.group(2).findAll(/"[^"]*"/)*.replace('"', '')
        assert arguments.every { it.startsWith('-Dbitbucket.') }
        time()
        contains(build(name, 1, command.group(1), *arguments), 'not run: docs')
        assert result(name, 'default-cli').runs*.result == ['SUCCESSFUL', 'SUCCESSFUL', 'NOT_RUN']
        assert runs(name) == [1, 1, 0]
        // All that was triggered is over: the next build begins the plan anew.
        contains(build(name, 0, 'bitbucket-pipelines:run@release'), 'All 3 runs are SUCCESSFUL')
        assert runs(name) == [2, 2, 1]
    },
    // Each run is stopped once, and the plan was not done.
    'term-stop': { String name ->
        String console = kill(name, 'TERM', ['api', 'web'], 'stop')
        assert console.count('Killed: pipeline #42 was requested to stop') == 2
        assert ['api', 'web'].every { repository(name, it).lastRun().stopRequests() == 1 }
        time()
        contains(build(name, 1, 'bitbucket-pipelines:wait', '-Dbitbucket.receipt=release', "-Dbitbucket.outputDirectory=target/$name"),
                '2 of 3 runs did not succeed: api, web; not run: docs')
        assert result(name, 'default-cli').runs*.result == ['STOPPED', 'STOPPED', 'NOT_RUN']
        assert runs(name) == [1, 1, 0]
    },
    // All three were triggered: only then is a later build green without a trigger.
    'kill-late': { String name ->
        kill(name, 'KILL', ['api', 'docs'])
        assert runs(name) == [1, 1, 1]
        time()
        contains(build(name, 0, 'bitbucket-pipelines:wait', '-Dbitbucket.receipt=release', "-Dbitbucket.outputDirectory=target/$name"),
                'All 3 runs are SUCCESSFUL')
        def waited = result(name, 'default-cli')
        assert waited.verdict == 'PASS' && waited.runs*.number == [42, 42, 42]
        assert runs(name) == [1, 1, 1]
    },
    // The same plan with onUnfinished=wait never triggers what is missing: it can't know what the first build would have handed on.
    'kill-again': { String name ->
        kill(name, 'KILL', ['api', 'web'])
        try (ForkedMaven maven = start(name, 'bitbucket-pipelines:run@release', '-Dbitbucket.onUnfinished=wait')) {
            while (!(maven.console() =~ /web #42 Build +IN_PROGRESS/)) {
                assert maven.exitWithin(Duration.ofMillis(50)).empty: maven.console()
            }
            time()
            def exit = maven.exitWithin(Duration.ofMinutes(2))
            assert exit.present && exit.asInt == 1: maven.console()
            contains(maven.console(), 'it is used instead of a new run (onUnfinished=wait)', 'not run: docs')
        }
        assert runs(name) == [1, 1, 0]
    },
]

try (bitbucket) {
    cases.each { name, check ->
        check(name)
        WrittenReports.check(basedir.toPath().resolve("target/$name"), InvokerBitbucket.schema(basedir.toPath()))
    }
    bitbucket.created(14)
}
return
