import io.github.bitbucketpipelines.maven.testing.InvokerBitbucket
import io.github.bitbucketpipelines.maven.rehearsal.RunScript
import io.github.bitbucketpipelines.maven.rehearsal.StepScript
import java.time.Duration

InvokerBitbucket bitbucket = InvokerBitbucket.start(context)
String other = 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'
bitbucket.shop().branch('quiet', other).branch('busy', other)
bitbucket.shop().push('busy', RunScript.of(StepScript.named('Build').lasting(Duration.ofHours(1))))
bitbucket.shop().push('busy', RunScript.of(StepScript.named('Build').lasting(Duration.ofHours(1))))
int lists = 0
// The push comes when the build is waiting already.
bitbucket.embedded().intercept { request, next ->
    if (request.path().endsWith('/pipelines') && ++lists == 2) {
        bitbucket.shop().push('main', RunScript.successful().lasting(Duration.ofSeconds(2)))
    }
    next.proceed()
}
return
