import io.github.bitbucketpipelines.maven.testing.InvokerBitbucket
import io.github.bitbucketpipelines.maven.rehearsal.Script
import io.github.bitbucketpipelines.maven.rehearsal.StepScript
import java.time.Duration

InvokerBitbucket bitbucket = InvokerBitbucket.start(context)
bitbucket.shop().customPipeline('nightly')
bitbucket.shop().push('main', Script.of(StepScript.named('Build').lasting(Duration.ofSeconds(15))))
// Its last look was the moment it ended.
bitbucket.embedded().intercept { request, next ->
    if (request.method() == 'POST') {
        context.put('triggeredAt', context.getOrDefault('triggeredAt', java.time.Instant.now()))
    }
    next.answer()
}
return
