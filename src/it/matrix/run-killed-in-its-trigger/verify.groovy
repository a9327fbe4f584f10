import static io.github.bitbucketpipelines.maven.testing.InvokerBitbucket.contains
import groovy.json.JsonSlurper
import io.github.bitbucketpipelines.maven.rehearsal.RunScript
import io.github.bitbucketpipelines.maven.rehearsal.StepScript
import io.github.bitbucketpipelines.maven.testing.ForkedMaven
import io.github.bitbucketpipelines.maven.testing.InvokerBitbucket
import java.time.Duration
import java.util.concurrent.ConcurrentHashMap
import java.util.concurrent.CountDownLatch
import java.util.concurrent.Executors
import java.util.concurrent.TimeUnit

// SIGKILL while the trigger is on its way: nothing is printed any more, and the intent is on disk. A repository for each case.
InvokerBitbucket bitbucket = InvokerBitbucket.of(context)
Map<String, CountDownLatch> reached = new ConcurrentHashMap<>()
Map<String, CountDownLatch> killed = new ConcurrentHashMap<>()

bitbucket.embedded().intercept { request, next ->
    def matcher = request.path() =~ '/repositories/acme/([^/]+)/pipelines$'
    def name = matcher ? matcher[0][1] : ''
    // Only the first trigger of each case is held back.
    if (request.method() != 'POST' || !reached.containsKey(name) || reached[name].count == 0) {
        return next.proceed()
    }
    // Bitbucket has acted, or never gets the trigger.
    def response = name == 'none' ? null : next.proceed()
    reached[name].countDown()
    killed[name].await(1, TimeUnit.MINUTES)
    if (response == null) {
        throw new IOException('the trigger is lost')
    }
    return response
}

def start = { String name, String goal, String... more ->
    ForkedMaven.start(basedir, new File(basedir, "${name}.log"), [
            '-B', '-s', '../../interpolated-settings.xml', "-Dmaven.repo.local=$localRepositoryPath".toString(),
            "-Dbitbucket.apiUrl=${bitbucket.embedded().apiUrl()}".toString(), "-Dbitbucket.repository=acme/$name".toString(),
            "-Dbitbucket.outputDirectory=target/$name".toString(), "bitbucket-pipelines:$goal".toString()] + more.toList())
}

def triggers = { String name ->
    bitbucket.embedded().requests().count { it.method() == 'POST' && it.path().endsWith("/repositories/acme/$name/pipelines") }
}

def repository = { String name ->
    bitbucket.embedded().repository('acme', name).branch('main', '5f0c1d2e3f405162738495a6b7c8d9e0f1a2b3c4').nextBuildNumber(42)
}

// The next build, in the same directory.
def build = { String name, int exit, String goal, String... more ->
    try (ForkedMaven maven = start(name, goal, more)) {
        def actual = maven.exitWithin(Duration.ofMinutes(2))
        assert actual.present && actual.asInt == exit: "$name, $goal: ${maven.console()}"
        return maven.console()
    }
}

def kill = { String name ->
    reached[name] = new CountDownLatch(1)
    killed[name] = new CountDownLatch(1)
    try (ForkedMaven maven = start(name, 'run')) {
        assert reached[name].await(1, TimeUnit.MINUTES): "$name: ${maven.console()}"
        maven.signal('KILL')
        assert maven.exitWithin(Duration.ofSeconds(5)).asInt == 137
    } finally {
        killed[name].countDown()
    }
    def intent = new JsonSlurper().parse(new File(basedir, "target/$name/default-cli.json"))
    assert intent.outcome == 'TRIGGERING' && intent.trigger.newestNumber == 0 && intent.target.branch == 'main': name
    assert triggers(name) == 1
}

def steps = { int seconds -> RunScript.of(StepScript.named('Build').lasting(Duration.ofSeconds(seconds))) }
def cases = [
    // The next build triggers nothing beside the run, and shows both commands; the one that is shown works.
    run: { String name ->
        repository(name).next(steps(60))
        kill(name)
        contains(build(name, 1, 'run'),
                "Pipeline #42 on branch main of acme/$name has not ended",
                "may have triggered it before (receipt target/$name/default-cli.json), and no other run was triggered",
                'To wait for it: mvn io.github.bitbucketpipelines:', '"-Dbitbucket.number=42"',
                'To trigger another run beside it, repeat the build with "-Dbitbucket.onUnfinished=start"')
        assert triggers(name) == 1
        contains(build(name, 0, 'wait', '-Dbitbucket.number=42'), "Pipeline #42 on branch main of acme/$name is SUCCESSFUL")
    },
    // Its run has not ended by then: without a receipt that names it, wait takes no run that is over for its own.
    wait: { String name ->
        repository(name).next(steps(90))
        kill(name)
        contains(build(name, 0, 'wait'), '[WARNING] Pipeline #42 (https://', 'is used as the run of a trigger of branch main',
                'Another build with the same credentials could have created it', "Pipeline #42 on branch main of acme/$name is SUCCESSFUL")
        assert triggers(name) == 1
    },
    // Bitbucket never got it: the next build triggers, once.
    none: { String name ->
        repository(name).next(steps(5))
        kill(name)
        contains(build(name, 0, 'run'), 'An earlier build did not record the outcome of its trigger',
                'Bitbucket has no run of it: another one is triggered', "Pipeline #42 on branch main of acme/$name is SUCCESSFUL")
        assert triggers(name) == 2
        assert bitbucket.embedded().repository('acme', name).runs().size() == 1
    },
]

def threads = Executors.newFixedThreadPool(2)
try (bitbucket) {
    threads.invokeAll(cases.collect { name, check -> { -> check(name) } }).each { it.get() }
} finally {
    threads.shutdown()
}
return
