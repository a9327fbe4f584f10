import io.github.bitbucketpipelines.maven.testing.InvokerBitbucket
import io.github.bitbucketpipelines.maven.rehearsal.EmbeddedAccount
import io.github.bitbucketpipelines.maven.rehearsal.RunScript
import java.time.Duration
import java.time.Instant

InvokerBitbucket bitbucket = InvokerBitbucket.start(context)
def push = { String pipeline, RunScript script ->
    bitbucket.shop().customPipeline(pipeline).place('PUSH', 'main', Optional.of(pipeline),
            EmbeddedAccount.person('Another Person'), Instant.now(), script.lasting(Duration.ofSeconds(3)))
}
boolean pushed = false
boolean late = false
bitbucket.embedded().intercept { request, next ->
    if (!pushed && request.path().endsWith('/pipelines')) {
        pushed = true
        push('build', RunScript.successful())
        push('scan', RunScript.ending('FAILED'))
    } else if (!late && request.path() ==~ '.*/pipelines/42/steps/?') {
        late = true
        push('publish', RunScript.successful())
    }
    next.proceed()
}
return
