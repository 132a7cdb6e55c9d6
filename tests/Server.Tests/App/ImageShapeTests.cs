using Raywright.Core.Contracts;
using Raywright.Core.Tensors;
using Raywright.Server.App.Playground;
using Xunit;

namespace Raywright.Server.Tests.App;

/// <summary>Which inputs are images, and how their pixels become what the contract asks for.</summary>
public sealed class ImageShapeTests
{
    public static TheoryData<InputField, int, int, int, ImageLayout, double> Images => new()
    {
        { new("pixels", DataType.Float32, [-1, 64], Description: "8x8 grey image, row by row, 0..16"), 8, 8, 1, ImageLayout.Flat, 16 },
        { new("image", DataType.Float32, [-1, 1, 8, 8], Description: "grey image, NCHW, values 0..16"), 8, 8, 1, ImageLayout.ChannelsFirst, 16 },
        { new("x", DataType.Float32, [-1, 28, 28]), 28, 28, 1, ImageLayout.Rows, 1 },
        { new("photo", DataType.UInt8, [-1, 32, 48, 3]), 32, 48, 3, ImageLayout.ChannelsLast, 255 },
        { new("input", DataType.Float32, [-1, 3, -1, -1], Min: -1, Max: 1), 224, 224, 3, ImageLayout.ChannelsFirst, 1 },
    };

    [Theory]
    [MemberData(nameof(Images))]
    public void AnImage_IsKnownByItsShapeAndItsWords(InputField input, int height, int width, int channels, ImageLayout layout, double max)
    {
        ImageShape image = ImageShape.Of(input)!;
        Assert.Equal((height, width, channels, layout, max), (image.Height, image.Width, image.Channels, image.Layout, image.Max));
        Assert.Equal(channels == 1, image.CanDraw);
    }

    public static TheoryData<InputField> Others => new()
    {
        new InputField("features", DataType.Float32, [-1, 64]),
        new InputField("history", DataType.Float32, [-1, 24]),
        new InputField("pixels", DataType.Float32, [-1, 60]),
        new InputField("image", DataType.String, [-1, 8, 8]),
        new InputField("tokens", DataType.Int64, [-1, 16, 512]),
        new InputField("image", DataType.Float32, [-1, 1, 4, 4]),
    };

    [Theory]
    [MemberData(nameof(Others))]
    public void WhateverElse_IsNone(InputField input) => Assert.Null(ImageShape.Of(input));

    [Theory]
    [InlineData(null, 1)]
    [InlineData(0.7, 1)]
    [InlineData(15.0, 16)]
    [InlineData(200.0, 255)]
    public void WithoutARange_AnExampleTells(double? largest, double max) =>
        Assert.Equal(max, ImageShape.Of(new("image", DataType.Float32, [-1, 8, 8]), largest)!.Max);

    [Fact]
    public void Pixels_BecomeValues_AndValuesPixels()
    {
        ImageShape planes = new(1, 2, 3, ImageLayout.ChannelsFirst, 0, 1, false);
        byte[] pixels = [255, 0, 51, 0, 255, 102];
        Assert.Equal("[[[1, 0]],[[0, 1]],[[0.2, 0.4]]]", planes.Text(pixels, asJson: true));
        Assert.Equal(pixels, planes.Pixels(ImageShape.Numbers(planes.Text(pixels, asJson: true))));
        Assert.Equal("[[[1, 0, 0.2],[0, 1, 0.4]]]", (planes with { Layout = ImageLayout.ChannelsLast }).Text(pixels, asJson: true));
        ImageShape grey = new(2, 2, 1, ImageLayout.Flat, 0, 16, true);
        Assert.Equal("0, 16, 8, 4", grey.Text([0, 255, 128, 64], asJson: false));
        Assert.Null(grey.Pixels([1, 2, 3]));
    }

    [Fact]
    public void APicture_StandsInThePage() => Assert.Equal(
        // Two pixels: white, and pure red, which the format writes as blue, green, red.
        [255, 255, 255, 0, 0, 255, 0, 0],
        Convert.FromBase64String(Bitmap.Address([255, 255, 255, 255, 0, 0], 2, 1, 3)["data:image/bmp;base64,".Length..])[54..]);
}
