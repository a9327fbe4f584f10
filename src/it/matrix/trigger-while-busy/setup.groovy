import io.github.bitbucketpipelines.maven.testing.InvokerBitbucket
import io.github.bitbucketpipelines.maven.rehearsal.RunScript
import io.github.bitbucketpipelines.maven.rehearsal.StepScript
import java.time.Duration
import java.time.Instant

InvokerBitbucket bitbucket = InvokerBitbucket.start(context)
bitbucket.shop().customPipeline('nightly').branch('release', 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa')
bitbucket.shop().push('main', RunScript.of(StepScript.named('Build').lasting(Duration.ofHours(1))))
boolean pushed = false
bitbucket.embedded().intercept { request, next ->
    // A colleague's push to the release branch, a moment before the build looks.
    if (!pushed && request.query().contains('ref_name=release')) {
        pushed = true
        bitbucket.shop().push('release', RunScript.of(StepScript.named('Build').lasting(Duration.ofSeconds(5))))
    }
    if (request.method() == 'POST') {
        context.putIfAbsent('triggeredAt', Instant.now())
    }
    next.proceed()
}
return
