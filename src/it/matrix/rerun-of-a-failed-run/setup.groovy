import io.github.bitbucketpipelines.maven.testing.InvokerBitbucket
import io.github.bitbucketpipelines.maven.rehearsal.RunScript
import java.time.Duration

InvokerBitbucket bitbucket = InvokerBitbucket.start(context)
bitbucket.shop().customPipeline('deploy-to-production')
bitbucket.next(RunScript.ending('FAILED').lasting(Duration.ofSeconds(1)))
bitbucket.next(RunScript.successful().lasting(Duration.ofSeconds(1)))
bitbucket.next(RunScript.successful().lasting(Duration.ofSeconds(1)))
int triggers = 0
bitbucket.embedded().intercept { request, next ->
    def response = next.proceed()
    if (request.method() == 'POST' && ++triggers == 1) {
        bitbucket.shop().branch('main', 'a' * 40)
    }
    response
}
return
