import io.github.bitbucketpipelines.maven.rehearsal.RunScript
import io.github.bitbucketpipelines.maven.rehearsal.StepScript
import io.github.bitbucketpipelines.maven.testing.InvokerBitbucket
import java.time.Duration

File calls = new File(basedir, 'invoker.properties')
calls.text = calls.text.replace('CACHE', new File(basedir, 'cache').path)
        .replace('CONFIG', new File(basedir, 'run-always.xml').path)
InvokerBitbucket.start(context).shop().defaultScript(RunScript.of(StepScript.named('Build').lasting(Duration.ofMillis(900))))
return
