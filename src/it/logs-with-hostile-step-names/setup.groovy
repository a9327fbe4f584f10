import io.github.bitbucketpipelines.maven.testing.InvokerBitbucket
import io.github.bitbucketpipelines.maven.rehearsal.Script
import io.github.bitbucketpipelines.maven.rehearsal.StepScript
import java.time.Duration

import io.github.bitbucketpipelines.maven.rehearsal.LogContent

InvokerBitbucket bitbucket = InvokerBitbucket.start(context)
String escape = '\u001B'
bitbucket.shop().push('main', Script.of(
        StepScript.named('Build').log('built\n'),
        StepScript.named('../../../escaped').log("tests ${escape}[32mgreen${escape}[0m${escape}]0;owned\u0007\n"),
        StepScript.named('con: <a|b>?*\u202E').log('third\r\n'),
        StepScript.named('x' * 300).log('fourth\n'),
        StepScript.unnamed().log('fifth\n'),
        StepScript.named('Child pipeline').withoutLog()))
Thread.sleep(1500)
bitbucket.shop().branch('slow', 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa')
bitbucket.shop().push('slow', Script.of(StepScript.named('Slow').lasting(Duration.ofSeconds(30)).log((1..600).collect { "line $it\n" }.join(''))))
return
