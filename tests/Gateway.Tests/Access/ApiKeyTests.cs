using CsCheck;
using Raywright.Core.Access;
using Raywright.Gateway.Access;
using Xunit;

namespace Raywright.Gateway.Tests.Access;

public sealed class ApiKeyTests
{
    [Fact]
    public void Key_HasItsFormAndReadsBack()
    {
        ApiKey key = ApiKey.Create();
        Assert.Matches("^rwk_[a-z2-9]{8}_[A-Za-z0-9]{43}[0-9a-f]{8}$", key.Text);
        Assert.True(ApiKey.TryParse(key.Text, out ApiKey? read));
        Assert.Equal(key, read);
        Assert.DoesNotContain(key.Text[13..], key.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void AnyOneCharacterChanged_IsNoticedWithoutAskingAnybody()
    {
        ApiKey key = ApiKey.Create();
        Gen.Select(Gen.Int[0, key.Text.Length - 1], Gen.Char['!', '~']).Sample((at, character) =>
        {
            char[] text = key.Text.ToCharArray();
            bool changed = text[at] != character;
            text[at] = character;
            return ApiKey.TryParse(new string(text), out _) != changed;
        });
    }

    [Fact]
    public void AnyText_IsRefusedWithoutAnException() =>
        Gen.String.Sample(text => !ApiKey.TryParse(text, out _) && !ApiKey.TryParse("rwk_" + text, out _) && KeyDirectory.Empty.Find(text, 0) is null);
}
