import io.github.bitbucketpipelines.maven.testing.InvokerBitbucket
import io.github.bitbucketpipelines.maven.rehearsal.RunScript
import io.github.bitbucketpipelines.maven.rehearsal.StepScript
import java.time.Duration

InvokerBitbucket bitbucket = InvokerBitbucket.start(context)
bitbucket.shop().customPipeline('docs').customPipeline('nightly')
bitbucket.next(RunScript.of(StepScript.named('Build').lasting(Duration.ofHours(1))))
bitbucket.next(RunScript.of(StepScript.named('Build').lasting(Duration.ofHours(9))))
int looks = 0
// The first of them is over when its steps have been read twice: the build that waits for it.
bitbucket.embedded().intercept { request, next ->
    def response = next.proceed()
    if (request.path() =~ '/pipelines/42/steps/?$' && ++looks == 2) {
        bitbucket.forward(Duration.ofHours(1))
    }
    response
}
return
