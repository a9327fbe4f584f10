import io.github.bitbucketpipelines.maven.testing.InvokerBitbucket
import io.github.bitbucketpipelines.maven.rehearsal.RunScript
import io.github.bitbucketpipelines.maven.rehearsal.StepScript
import java.time.Duration
import java.util.concurrent.CountDownLatch
import java.util.concurrent.TimeUnit

// Modules one and three do not depend on each other: under -T neither run is shown before both are triggered.
CountDownLatch triggered = new CountDownLatch(2)
def independent = { run ->
    run.variable('CASE').get() == 'every-parallel' && run.variable('MODULE').orElse('') in ['one', 'three']
}

InvokerBitbucket bitbucket = InvokerBitbucket.start(context)
bitbucket.shop().defaultScript(RunScript.of(StepScript.named('Build').lasting(Duration.ofMillis(900))))
bitbucket.embedded().intercept { request, next ->
    def response = next.proceed()
    if (request.method() == 'POST' && independent(bitbucket.shop().lastRun())) {
        triggered.countDown()
    }
    def matcher = request.path() =~ '/pipelines/([^/]+)'
    if (request.method() == 'GET' && matcher) {
        def run = bitbucket.shop().runs().find { matcher[0][1] in [it.uuid(), it.buildNumber() as String] }
        if (run && independent(run)) {
            context.putIfAbsent('sideBySide', triggered.await(15, TimeUnit.SECONDS))
        }
    }
    response
}
return
