import io.github.bitbucketpipelines.maven.testing.InvokerBitbucket
import io.github.bitbucketpipelines.maven.rehearsal.RunScript
import io.github.bitbucketpipelines.maven.rehearsal.StepScript
import java.time.Duration

import io.github.bitbucketpipelines.maven.rehearsal.Response

InvokerBitbucket bitbucket = InvokerBitbucket.start(context)
bitbucket.next(RunScript.of(StepScript.named('Build').lasting(Duration.ofHours(1))))
boolean killed = false
int polls = 0
String here = basedir.canonicalPath
// The first operation about the run is the last thing that its build does: kill -9.
bitbucket.embedded().intercept { request, next ->
    if (!killed && request.method() == 'GET' && request.path().contains('/pipelines/')) {
        killed = true
        ProcessHandle.current().descendants()
                .filter { it.info().commandLine().orElse('').contains(here) }
                .forEach { it.destroyForcibly() }
    }
    def response = next.proceed()
    // The run ends while the second build waits for it.
    if (request.path() =~ '/pipelines/42/steps/?$' && ++polls == 2) {
        bitbucket.forward(Duration.ofHours(1))
    }
    response
}
return
