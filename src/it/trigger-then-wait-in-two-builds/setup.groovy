import io.github.bitbucketpipelines.maven.testing.InvokerBitbucket
import io.github.bitbucketpipelines.maven.rehearsal.RunScript
import io.github.bitbucketpipelines.maven.rehearsal.StepScript
import java.time.Duration

InvokerBitbucket bitbucket = InvokerBitbucket.start(context)
bitbucket.next(RunScript.of(StepScript.named('Build').lasting(Duration.ofHours(1))))
int polls = 0
// The run ends while the second build waits for it: a receipt of an earlier build counts only while its run is unfinished.
bitbucket.embedded().intercept { request, next ->
    def response = next.proceed()
    if (request.path() =~ '/pipelines/42/steps/?$' && ++polls == 2) {
        bitbucket.forward(Duration.ofHours(1))
    }
    response
}
return
