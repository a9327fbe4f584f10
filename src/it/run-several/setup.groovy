import io.github.bitbucketpipelines.maven.rehearsal.RunScript
import io.github.bitbucketpipelines.maven.rehearsal.StepScript
import io.github.bitbucketpipelines.maven.testing.InvokerBitbucket
import java.time.Duration

InvokerBitbucket bitbucket = InvokerBitbucket.start(context)
['api', 'docs', 'web'].each { bitbucket.embedded().repository('acme', it).branch('main', '5f0c1d2e3f405162738495a6b7c8d9e0f1a2b3c4') }
bitbucket.embedded().repository('acme', 'api').next(RunScript.of(
        StepScript.named('Deploy').lasting(Duration.ofMillis(300)).log('::output URL=https://api.acme.example\n')))
return
