import io.github.bitbucketpipelines.maven.testing.InvokerBitbucket
import io.github.bitbucketpipelines.maven.rehearsal.LogContent
import io.github.bitbucketpipelines.maven.rehearsal.RunScript
import io.github.bitbucketpipelines.maven.rehearsal.StepScript
import java.time.Duration
import java.time.Instant

InvokerBitbucket bitbucket = InvokerBitbucket.start(context)
bitbucket.next(RunScript.of(StepScript.named('Build').log('::output VERSION=1.0\n')))
bitbucket.shop().upload('latest.zip', LogContent.of('old'), Instant.now() - Duration.ofDays(1))
int lists = 0
bitbucket.embedded().intercept { request, next ->
    if (request.path().endsWith('/steps') && bitbucket.embedded().created() == 1) {
        bitbucket.shop().upload('shop-42.zip', 'zip')
    }
    // The first list is that before the trigger.
    if (request.path().endsWith('/downloads') && ++lists == 3) {
        bitbucket.shop().upload('shop-1.0.txt', 'text')
    }
    next.proceed()
}
return
