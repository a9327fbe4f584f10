import static io.github.bitbucketpipelines.maven.testing.InvokerBitbucket.contains
import groovy.json.JsonSlurper
import io.github.bitbucketpipelines.maven.testing.ForkedMaven
import io.github.bitbucketpipelines.maven.testing.InvokerBitbucket
import java.time.Duration
import java.util.concurrent.CountDownLatch
import java.util.concurrent.TimeUnit

// Two Mavens in one directory: while one has sent its trigger, another one of the same execution changes nothing.
try (InvokerBitbucket bitbucket = InvokerBitbucket.of(context)) {
    CountDownLatch reached = new CountDownLatch(1)
    CountDownLatch refused = new CountDownLatch(1)
    bitbucket.embedded().intercept { request, next ->
        if (request.method() == 'POST' && reached.count > 0) {
            reached.countDown()
            assert refused.await(2, TimeUnit.MINUTES)
        }
        return next.proceed()
    }
    def start = { String log, String goal ->
        ForkedMaven.start(basedir, new File(basedir, log), [
                '-B', '-s', '../../interpolated-settings.xml', "-Dmaven.repo.local=$localRepositoryPath".toString(),
                "-Dbitbucket.apiUrl=${bitbucket.embedded().apiUrl()}".toString(), '-Dbitbucket.repository=acme/shop',
                "bitbucket-pipelines:$goal".toString()])
    }
    File output = new File(basedir, 'target/bitbucket-pipelines')
    File receipt = new File(output, 'default-cli.json')
    try (ForkedMaven first = start('first.log', 'run')) {
        assert reached.await(1, TimeUnit.MINUTES): first.console()
        String intent = receipt.text
        ['run', 'trigger', 'wait'].each { goal ->
            try (ForkedMaven second = start("second-${goal}.log", goal)) {
                def exit = second.exitWithin(Duration.ofMinutes(1))
                assert exit.present && exit.asInt == 1: second.console()
                contains(second.console(), 'another Maven works with', 'Nothing was triggered here')
            }
            assert receipt.text == intent
        }
        refused.countDown()
        def exit = first.exitWithin(Duration.ofMinutes(1))
        assert exit.present && exit.asInt == 0: first.console()
    }
    bitbucket.created(1)
    def result = new JsonSlurper().parse(receipt)
    assert result.number == 42 && result.result == 'SUCCESSFUL'
    assert !new File(output, 'default-cli.lock').exists()
}
