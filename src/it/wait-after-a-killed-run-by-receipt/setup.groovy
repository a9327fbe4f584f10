import io.github.bitbucketpipelines.maven.testing.InvokerBitbucket
import io.github.bitbucketpipelines.maven.rehearsal.RunScript
import io.github.bitbucketpipelines.maven.rehearsal.StepScript
import java.time.Duration

import io.github.bitbucketpipelines.maven.rehearsal.Response

InvokerBitbucket bitbucket = InvokerBitbucket.start(context)
bitbucket.next(RunScript.successful().lasting(Duration.ofSeconds(8)))
boolean killed = false
String here = basedir.canonicalPath
// The first question about the run is the last thing that its build does: kill -9.
bitbucket.embedded().intercept { request, next ->
    if (!killed && request.method() == 'GET' && request.path().contains('/pipelines/')) {
        killed = true
        ProcessHandle.current().descendants()
                .filter { it.info().commandLine().orElse('').contains(here) }
                .forEach { it.destroyForcibly() }
    }
    next.proceed()
}
return
