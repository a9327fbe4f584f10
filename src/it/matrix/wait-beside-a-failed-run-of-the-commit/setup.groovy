import io.github.bitbucketpipelines.maven.testing.InvokerBitbucket
import io.github.bitbucketpipelines.maven.rehearsal.RunScript
import java.time.Duration

InvokerBitbucket bitbucket = InvokerBitbucket.start(context)
bitbucket.shop().push('main', RunScript.ending('FAILED'))
bitbucket.forward(Duration.ofMinutes(1))
boolean pushed = false
bitbucket.embedded().intercept { request, next ->
    if (!pushed && request.path().endsWith('/pipelines')) {
        pushed = true
        bitbucket.shop().push('main', RunScript.successful().lasting(Duration.ofSeconds(4)))
    }
    next.proceed()
}
return
